import { describe, expect, it } from 'vitest';
import { seededRandom } from '../base/index.ts';
import { batchFromRows, rowsOf } from '../batch/index.ts';
import type { Cluster, JobRequest, SubscriptionEvent } from './index.ts';
import { contentOf, copyView, countView, rowsAt, sourceJob, TestTopic, TestWorld, tableJob } from './testing/index.ts';
import { TEST_TYPES } from './testing/test-source.ts';

const SOURCE = sourceJob({ relation: 't', topic: 't', partitions: 2, parallelism: 2 });

async function deploy(cluster: Cluster, ...jobs: JobRequest[]): Promise<void> {
  for (const { graph, source } of jobs) await cluster.deploy(graph, source);
}

function worldWithTopic(seed: number, slots = 2): { world: TestWorld; topic: TestTopic } {
  const world = new TestWorld({ seed, slots });
  const topic = new TestTopic(2);
  world.topics.set('t', topic);
  return { world, topic };
}

describe('a new view on running inputs', () => {
  for (const seed of [11, 12, 13]) {
    it(`agrees with the views that were there, from its first epoch on, and after a crash (seed ${seed})`, async () => {
      const random = seededRandom(seed);
      const { world, topic } = worldWithTopic(seed);
      let cluster = await world.start();
      const jobs = [SOURCE, countView('counts_a', ['t'], 2)];
      await deploy(cluster, ...jobs);
      const feed = (): void => {
        for (let row = 0; row < 20; row++) topic.append(random.nextInt(2), [BigInt(random.nextInt(9)), BigInt(row), 0n]);
      };
      for (let round = 0; round < 4; round++) {
        feed();
        await cluster.flush();
        // One reads the connector from its start, one starts from another view's content, one from both.
        const fresh = [countView(`counts_s${round}`, ['t'], 2), copyView(`pairs_p${round}`, 't', { fields: [0, 1], parallelism: 2 })];
        const onViews = countView(`counts_v${round}`, [`pairs_p${round}`], 2);
        feed();
        await deploy(cluster, ...fresh, onViews, countView(`counts_twice${round}`, ['t', `pairs_p${round}`], 2));
        jobs.push(...fresh, onViews, countView(`counts_twice${round}`, ['t', `pairs_p${round}`], 2));
        feed();
        if (round % 2 === 1) await cluster.checkpoint();
        if (round === 1 || round === 3) {
          await cluster.close();
          cluster = await world.start(jobs);
        }
        await cluster.flush();
        const names = jobs.map((job) => job.graph.name).filter((name) => name.startsWith('counts'));
        const pinned = await cluster.pin(names, 0);
        const expected = await rowsAt(cluster, 'counts_a', pinned);
        for (const name of names) {
          const rows = await rowsAt(cluster, name, pinned);
          if (name.startsWith('counts_twice')) expect(rows).toEqual(doubled(expected));
          else expect(rows, name).toEqual(expected);
        }
        pinned.release();
      }
      expect(topic.partitions.flat().length).toBe(4 * 60);
      await cluster.close();
    });
  }

  it('can read other columns than the consumers before it', async () => {
    const { world, topic } = worldWithTopic(5);
    const cluster = await world.start();
    await deploy(cluster, SOURCE, copyView('pairs_a', 't', { fields: [0, 1], parallelism: 2 }));
    topic.append(0, [1n, 2n, 3n]);
    await cluster.flush();
    await deploy(cluster, copyView('pairs_b', 't', { fields: [2, 0], parallelism: 2 }));
    topic.append(1, [4n, 5n, 6n]);
    await cluster.flush();
    expect((await contentOf(cluster, 'pairs_a')).rows).toEqual(['1 2', '4 5']);
    expect((await contentOf(cluster, 'pairs_b')).rows).toEqual(['3 1', '6 4']);
    await cluster.close();
  });

  it('starts from what a table holds, while the table is written', async () => {
    const world = new TestWorld({ seed: 8, slots: 3 });
    const cluster = await world.start();
    await deploy(cluster, tableJob('ta', 3));
    for (let value = 0n; value < 30n; value++) await cluster.write([{ relation: 'ta', batch: batchFromRows(TEST_TYPES, [[value, 1n, 0n]]) }]);
    const writing = (async () => {
      for (let value = 30n; value < 60n; value++) await cluster.write([{ relation: 'ta', batch: batchFromRows(TEST_TYPES, [[value, 1n, 0n]]) }]);
    })();
    await deploy(cluster, countView('counts_t', ['ta'], 3));
    await writing;
    await cluster.flush();
    expect((await contentOf(cluster, 'counts_t')).rows.length).toBe(60);
    await cluster.close();
  });
});

describe('dropping', () => {
  it('takes a view away and leaves the rest running', async () => {
    const { world, topic } = worldWithTopic(6);
    const cluster = await world.start();
    await deploy(cluster, SOURCE, copyView('pairs_a', 't', { fields: [0, 1], parallelism: 2 }), countView('counts_a', ['pairs_a'], 2));
    topic.append(0, [1n, 2n, 3n]);
    await cluster.flush();
    await cluster.drop('job-counts_a');
    expect(cluster.jobs().map((job) => job.name)).toEqual(['t', 'pairs_a']);
    for (let row = 0n; row < 3000n; row++) topic.append(1, [row, 5n, 6n]);
    await cluster.flush();
    expect((await contentOf(cluster, 'pairs_a')).rows.length).toBe(3001);
    await cluster.checkpoint();
    expect([...world.directory.state.keys()].filter((operator) => operator.includes('counts'))).toEqual([]);
    await deploy(cluster, countView('counts_a', ['pairs_a'], 2));
    expect((await contentOf(cluster, 'counts_a')).rows.length).toBe(3000);
    await cluster.close();
  });
});

describe('bounded input', () => {
  it('ends its jobs, whose views stay readable and can still be built on', async () => {
    const { world, topic } = worldWithTopic(7);
    const cluster = await world.start();
    for (let row = 0n; row < 50n; row++) topic.append(Number(row % 2n), [row % 5n, row, row]);
    await deploy(cluster, sourceJob({ relation: 't', topic: 't', partitions: 2, parallelism: 2, end: 25 }), countView('counts_a', ['t'], 2));
    await cluster.flush();
    await cluster.flush();
    await cluster.jobFinished('job-counts_a');
    expect(cluster.jobs().map((job) => job.state)).toEqual(['FINISHED', 'FINISHED']);
    const before = (await contentOf(cluster, 'counts_a')).rows;
    expect(before.length).toBe(5);
    await cluster.checkpoint();
    await deploy(cluster, countView('counts_b', ['t'], 2), copyView('copy_c', 'counts_a', { fields: [0, 1, 2], parallelism: 2 }));
    expect((await contentOf(cluster, 'counts_b')).rows).toEqual(before);
    expect((await contentOf(cluster, 'copy_c')).rows).toEqual(before);
    await cluster.close();
    const again = await world.start([
      sourceJob({ relation: 't', topic: 't', partitions: 2, parallelism: 2, end: 25 }),
      countView('counts_a', ['t'], 2),
    ]);
    await again.flush();
    expect((await contentOf(again, 'counts_a')).rows).toEqual(before);
    await again.jobFinished('job-counts_a');
    await again.close();
  });
});

describe('bounded input that is empty', () => {
  it('ends when somebody reads it, not before', async () => {
    const { world } = worldWithTopic(7);
    const cluster = await world.start();
    await deploy(cluster, sourceJob({ relation: 't', topic: 't', partitions: 2, parallelism: 2, end: 0 }));
    await cluster.flush();
    await cluster.flush();
    expect(cluster.jobs().map((job) => job.state)).toEqual(['RUNNING']);
    await deploy(cluster, countView('counts_a', ['t'], 2));
    await cluster.flush();
    await cluster.jobFinished('job-counts_a');
    expect((await contentOf(cluster, 'counts_a')).rows).toEqual([]);
    await cluster.checkpoint();
    await deploy(cluster, countView('counts_b', ['t'], 2));
    await cluster.jobFinished('job-counts_b');
    await cluster.close();
  });
});

describe('a subscription', () => {
  it('folds to the content at each epoch it calls complete', async () => {
    const { world, topic } = worldWithTopic(21);
    const cluster = await world.start();
    await deploy(cluster, SOURCE, countView('counts_a', ['t'], 2));
    topic.append(0, [1n, 10n, 0n], [2n, 20n, 0n]);
    await cluster.flush();
    const pinned = await cluster.pin(['counts_a'], 0);
    const folded = new Map((await rowsAt(cluster, 'counts_a', pinned)).map((row) => [row, 1]));
    const stop = new AbortController();
    const events = cluster.subscribe('counts_a', { after: pinned.epoch }, stop.signal)[Symbol.asyncIterator]();
    for (let round = 0n; round < 10n; round++) {
      topic.append(Number(round % 2n), [round % 3n, round, 0n]);
      const epoch = await cluster.flush();
      if (round === 0n) pinned.release();
      for (;;) {
        const event: SubscriptionEvent = (await events.next()).value;
        if (event.batch === null && event.epoch >= epoch) break;
        if (event.batch !== null) fold(folded, event.batch);
      }
      const rows = [...folded].filter(([, weight]) => weight !== 0);
      expect(rows.every(([, weight]) => weight === 1)).toBe(true);
      expect(rows.map(([row]) => row).sort()).toEqual((await contentOf(cluster, 'counts_a', epoch)).rows);
    }
    stop.abort();
    expect((await events.next()).done).toBe(true);
    await cluster.close();
  });

  it('of a reader that is too slow is cut, with the reason', async () => {
    const { world, topic } = worldWithTopic(22);
    const cluster = await world.start([], { subscriptionBytesMax: 10_000 });
    await deploy(cluster, SOURCE, copyView('copy_a', 't', { fields: [0, 1, 2], parallelism: 2 }));
    const epoch = await cluster.flush();
    const events = cluster.subscribe('copy_a', { after: epoch }, new AbortController().signal)[Symbol.asyncIterator]();
    topic.append(0, [1n, 1n, 1n]);
    await cluster.flush();
    expect((await events.next()).value?.batch).not.toBeNull();
    for (let row = 0n; row < 2000n; row++) topic.append(0, [row, row, row]);
    await cluster.flush();
    await expect(
      (async () => {
        for (;;) await events.next();
      })(),
    ).rejects.toMatchObject({ code: '55000', message: 'the subscription was cut because its reader is too slow' });
    await cluster.close();
  });
});

function fold(into: Map<string, number>, batch: Parameters<typeof rowsOf>[0]): void {
  rowsOf(batch).forEach((row, index) => {
    const key = row.join(' ');
    into.set(key, (into.get(key) ?? 0) + (batch.weights === null ? 1 : batch.weights[index]!));
  });
}

/** Count rows when every input row comes twice. */
function doubled(rows: readonly string[]): string[] {
  return rows
    .map((row) => {
      const [key, count, sum] = row.split(' ');
      return `${key} ${Number(count) * 2} ${Number(sum) * 2}`;
    })
    .sort();
}
