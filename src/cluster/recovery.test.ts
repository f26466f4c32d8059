import { describe, expect, it } from 'vitest';
import { seededRandom } from '../base/index.ts';
import { batchFromRows } from '../batch/index.ts';
import type { Cluster, JobRequest } from './index.ts';
import { contentOf, copyView, countView, rowsAt, sourceJob, type TestRow, TestTopic, TestWorld, tableJob } from './testing/index.ts';
import { TEST_TYPES } from './testing/test-source.ts';

function jobsAt(parallelism: number): JobRequest[] {
  return [
    sourceJob({ relation: 't', topic: 't', partitions: 3, parallelism }),
    countView('counts_a', ['t'], parallelism),
    copyView('pairs_b', 't', { fields: [0, 1], parallelism }),
    // Count and sum of a view: a view on a view.
    countView('counts_c', ['pairs_b'], parallelism),
  ];
}

async function deployAll(cluster: Cluster, jobs: readonly JobRequest[]): Promise<void> {
  for (const job of jobs) await cluster.deploy(job.graph, job.source);
}

async function contents(cluster: Cluster): Promise<{ a: string[]; b: string[]; c: string[] }> {
  const pinned = await cluster.pin(['counts_a', 'pairs_b', 'counts_c'], 0);
  const [a, b, c] = [await rowsAt(cluster, 'counts_a', pinned), await rowsAt(cluster, 'pairs_b', pinned), await rowsAt(cluster, 'counts_c', pinned)];
  pinned.release();
  return { a, b, c };
}

function someRow(random: { nextInt(bound: number): number }): TestRow {
  return [BigInt(random.nextInt(11)), BigInt(random.nextInt(1000)), BigInt(random.nextInt(1000))];
}

describe('after a crash', () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(`the same answers come back, nothing lost or doubled, at another parallelism (seed ${seed})`, async () => {
      const random = seededRandom(seed);
      const world = new TestWorld({ seed, slots: 3 });
      const topic = new TestTopic(3);
      world.topics.set('t', topic);
      let parallelism = 2;
      let cluster = await world.start();
      await deployAll(cluster, jobsAt(parallelism));
      const all: TestRow[] = [];
      for (let round = 0; round < 8; round++) {
        for (let row = random.nextInt(40); row > 0; row--) {
          const next = someRow(random);
          topic.append(random.nextInt(3), next);
          all.push(next);
        }
        const epoch = await cluster.flush();
        if (random.nextInt(3) === 0) await cluster.checkpoint();
        const before = await contents(cluster);
        expect(before.c).toEqual(before.a);
        expect(before.a.reduce((sum, text) => sum + Number(text.split(' ')[1]), 0)).toBe(all.length);
        if (random.nextInt(2) === 0) continue;
        await cluster.close();
        parallelism = [2, 3, 1][random.nextInt(3)]!;
        cluster = await world.start(jobsAt(parallelism));
        const pinned = await cluster.pin(['counts_a'], 0);
        expect(pinned.epoch).toBeGreaterThanOrEqual(epoch);
        pinned.release();
        expect(await contents(cluster)).toEqual(before);
      }
      await cluster.close();
    });
  }

  it('rows that no epoch had taken in are read afterwards', async () => {
    const world = new TestWorld({ seed: 9, slots: 2 });
    const topic = new TestTopic(3);
    world.topics.set('t', topic);
    const first = await world.start();
    await deployAll(first, jobsAt(2));
    topic.append(0, [1n, 5n, 1n]);
    await first.checkpoint();
    topic.append(1, [1n, 6n, 1n]);
    await first.flush();
    topic.append(2, [2n, 7n, 1n]);
    await first.close();
    const second = await world.start(jobsAt(2));
    await second.flush();
    expect((await contentOf(second, 'counts_c')).rows).toEqual(['1 2 11', '2 1 7']);
    await second.close();
  });
});

describe('a stored table', () => {
  const types = TEST_TYPES;

  it('shows a write at the epoch it returns, in all its relations at once, and keeps it over a crash', async () => {
    const world = new TestWorld({ seed: 4, slots: 2 });
    const jobs = [tableJob('ta', 2), tableJob('tb', 2), countView('counts_t', ['ta'], 2)];
    let cluster = await world.start();
    await deployAll(cluster, jobs);
    for (let value = 1n; value <= 20n; value++) {
      const batch = batchFromRows(types, [[value % 3n, value, 0n]]);
      const epoch = await cluster.write([
        { relation: 'ta', batch },
        { relation: 'tb', batch },
      ]);
      const pinned = await cluster.pin(['ta', 'tb', 'counts_t'], epoch);
      expect((await rowsAt(cluster, 'ta', pinned)).length).toBe(Number(value));
      expect(await rowsAt(cluster, 'tb', pinned)).toEqual(await rowsAt(cluster, 'ta', pinned));
      pinned.release();
      if (value === 7n) await cluster.checkpoint();
      if (value === 12n) {
        await cluster.close();
        cluster = await world.start(jobs);
      }
    }
    await cluster.write([{ relation: 'ta', batch: batchFromRows(types, [[1n, 1n, 0n]], [-1]) }]);
    await cluster.flush();
    expect((await contentOf(cluster, 'ta')).rows.length).toBe(19);
    await cluster.close();
  });
});
