import { describe, expect, it } from 'vitest';
import type { Cluster } from './index.ts';
import { contentOf, copyView, countView, deploy, goneError, poisonError, sourceJob, TestTopic, TestWorld, twoRegions } from './testing/index.ts';

function states(cluster: Cluster): Record<string, string> {
  return Object.fromEntries(cluster.jobs().map((job) => [job.name, job.state]));
}

/** Lets promises and in-thread slots run. */
async function turns(count = 300): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

describe('a task that fails', () => {
  for (const seed of [31, 32, 33]) {
    it(`restarts its region from the last checkpoint, with nothing lost or doubled, while others run on (seed ${seed})`, async () => {
      const { world, cluster, t, u } = await twoRegions(seed);
      t.append(0, [1n, 1n, 0n], [2n, 2n, 0n]);
      await cluster.checkpoint();
      t.append(1, [3n, 3n, 0n]);
      const shown = await cluster.flush();
      Object.assign(world.failures, { key: 4n, times: 1, error: goneError() });
      t.append(0, [4n, 4n, 0n]);
      await turns();
      expect(states(cluster)).toEqual({ t: 'RESTARTING', pairs_t: 'RESTARTING', counts_t: 'RESTARTING', u: 'RUNNING', counts_u: 'RUNNING' });
      u.append(0, [9n, 9n, 0n]);
      const flushed = cluster.flush();
      const other = await contentOf(cluster, 'counts_u', shown + 1);
      expect(other.rows).toEqual(['9 1 9']);
      world.clock.advance(2_000);
      await flushed;
      await cluster.flush();
      const pairs = await contentOf(cluster, 'pairs_t');
      expect(pairs.epoch).toBeGreaterThanOrEqual(shown);
      expect(pairs.rows).toEqual(['1 1', '2 2', '3 3', '4 4']);
      expect((await contentOf(cluster, 'counts_t')).rows).toEqual(['1 1 1', '2 1 2', '3 1 3', '4 1 4']);
      expect(new Set(Object.values(states(cluster)))).toEqual(new Set(['RUNNING']));
      expect(cluster.jobs().find((job) => job.name === 'pairs_t')!.restarts).toBe(1);
      await cluster.checkpoint();
      await cluster.close();
    });
  }

  it('three times for the same input fails for good, keeps its cause, and lets its neighbours go on', async () => {
    const { world, cluster, t } = await twoRegions(41);
    Object.assign(world.failures, { key: 4n, times: 1000, error: poisonError('division by zero') });
    t.append(0, [4n, 4n, 0n]);
    for (let restart = 0; restart < 4; restart++) {
      await turns();
      world.clock.advance(60_000);
      await turns(2000);
    }
    expect(states(cluster)).toMatchObject({ t: 'RUNNING', counts_t: 'RUNNING', pairs_t: 'FAILED' });
    expect(cluster.jobs().find((job) => job.name === 'pairs_t')!.error).toMatchObject({ code: '22012', message: 'division by zero' });
    await cluster.flush();
    expect((await contentOf(cluster, 'counts_t')).rows).toEqual(['4 1 4']);
    await expect(contentOf(cluster, 'pairs_t')).rejects.toMatchObject({ message: '"pairs_t" has failed', detail: 'division by zero' });
    await expect(cluster.jobFinished('job-pairs_t')).rejects.toMatchObject({ message: 'division by zero' });
    await cluster.checkpoint();
    await cluster.drop('job-pairs_t');
    await cluster.close();
  });

  it('while it is deployed rejects the deployment and leaves nothing behind', async () => {
    const { world, cluster, t } = await twoRegions(42);
    t.append(0, [4n, 4n, 0n]);
    await cluster.flush();
    Object.assign(world.failures, { key: 4n, times: 1, error: poisonError('division by zero') });
    const job = copyView('pairs_new', 't', { fields: [0, 1], parallelism: 2, also: 'failing' });
    await expect(cluster.deploy(job.graph, job.source)).rejects.toMatchObject({ message: 'division by zero' });
    expect(Object.keys(states(cluster))).not.toContain('pairs_new');
    t.append(0, [5n, 5n, 0n]);
    await cluster.flush();
    expect((await contentOf(cluster, 'pairs_t')).rows).toEqual(['4 4', '5 5']);
    await deploy(cluster, job);
    expect((await contentOf(cluster, 'pairs_new')).rows).toEqual(['4 4', '5 5']);
    await cluster.close();
  });

  it('restarts its region when a job that was being deployed into it is gone, whenever that is', async () => {
    for (let turn = 0; turn < 12; turn++) {
      const { world, cluster, t } = await twoRegions(46);
      t.append(0, [1n, 1n, 0n]);
      await cluster.flush();
      Object.assign(world.failures, { key: 4n, times: 1, error: goneError() });
      const { graph, source } = countView('counts_new', ['t'], 2);
      // Refused because the region failed under it, or there: both are right.
      const deployed = cluster.deploy(graph, source).catch(() => undefined);
      await turns(turn);
      t.append(0, [4n, 4n, 0n]);
      await turns();
      world.clock.advance(2_000);
      await turns(800);
      expect(states(cluster), `a deployment after ${turn} turns`).toMatchObject({ t: 'RUNNING', pairs_t: 'RUNNING', counts_t: 'RUNNING' });
      await deployed;
      await cluster.flush();
      expect((await contentOf(cluster, 'counts_t')).rows).toEqual(['1 1 1', '4 1 4']);
      await cluster.close();
    }
  });

  it('restarts its region when a job of it is dropped meanwhile, whenever that is', async () => {
    for (let turn = 0; turn < 12; turn++) {
      const { world, cluster, t } = await twoRegions(47);
      t.append(0, [1n, 1n, 0n]);
      await cluster.checkpoint();
      Object.assign(world.failures, { key: 4n, times: 1, error: goneError() });
      t.append(0, [4n, 4n, 0n]);
      await turns();
      world.clock.advance(2_000);
      await turns(turn);
      const dropped = cluster.drop('job-counts_t');
      await turns(800);
      world.clock.advance(4_000);
      await turns(800);
      expect(states(cluster), `a drop after ${turn} turns`).toMatchObject({ t: 'RUNNING', pairs_t: 'RUNNING' });
      await dropped;
      await deploy(cluster, countView('counts_t', ['t'], 2));
      await cluster.flush();
      expect((await contentOf(cluster, 'counts_t')).rows).toEqual(['1 1 1', '4 1 4']);
      await cluster.close();
    }
  });

  it('over its memory budget says which operator holds how much', async () => {
    const world = new TestWorld({ seed: 43, slots: 1 });
    world.topics.set('t', new TestTopic(1));
    const cluster = await world.start([], { stateBytesMax: 2_000 });
    await deploy(cluster, sourceJob({ relation: 't', topic: 't', partitions: 1, parallelism: 1 }), countView('counts_t', ['t'], 1));
    for (let key = 0n; key < 100n; key++) world.topics.get('t')!.append(0, [key, 1n, 0n]);
    await expect(Promise.race([cluster.flush(), turns(5000)])).resolves.toBeUndefined();
    expect(cluster.jobs().find((job) => job.name === 'counts_t')).toMatchObject({ state: 'FAILED', error: { code: '53200' } });
    expect(cluster.jobs().find((job) => job.name === 'counts_t')!.error!.detail).toMatch(
      /Table "(groups|rows)" holds \d+ bytes; the slot uses \d+ of 2000 bytes/,
    );
    await cluster.close();
  });

  it('asks for no more slots than there are', async () => {
    const world = new TestWorld({ seed: 44, slots: 2 });
    world.topics.set('t', new TestTopic(1));
    const cluster = await world.start();
    const job = sourceJob({ relation: 't', topic: 't', partitions: 1, parallelism: 3 });
    await expect(cluster.deploy(job.graph, job.source)).rejects.toMatchObject({
      code: '53000',
      message: expect.stringContaining('needs 3 slots, 2 are there'),
    });
    await cluster.close();
  });
});

describe('idleness', () => {
  it('is decided once, in an epoch made for it, and recorded', async () => {
    const world = new TestWorld({ seed: 45, slots: 1 });
    const topic = new TestTopic(2);
    world.topics.set('t', topic);
    const cluster = await world.start([], { epochIntervalMs: 100 });
    await deploy(
      cluster,
      sourceJob({ relation: 't', topic: 't', partitions: 2, parallelism: 1, idleTimeoutMs: 1_000 }),
      countView('counts_t', ['t'], 1),
    );
    topic.append(0, [1n, 1n, 500n]);
    await turns();
    world.clock.advance(200);
    await turns();
    expect(world.directory.records.at(-1)!.sources[0]).toMatchObject({ watermarkMicros: String(-(2n ** 63n)) });
    world.clock.advance(900);
    await turns();
    const record = world.directory.records.at(-1)!.sources[0]!;
    expect(record.splits.map((split) => split.idle)).toEqual([false, true]);
    expect(record.watermarkMicros).toBe('490');
    const epochs = world.directory.records.length;
    world.clock.advance(50_000);
    await turns();
    // One more for the other split; then an idle system makes none.
    expect(world.directory.records.length - epochs).toBeLessThanOrEqual(2);
    await cluster.close();
  });
});
