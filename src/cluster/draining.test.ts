import { describe, expect, it } from 'vitest';
import { contentOf, copyView, countView, deploy, goneError, sourceJob, TestTopic, TestWorld } from './testing/index.ts';

const JOBS = [
  sourceJob({ relation: 't', topic: 't', partitions: 2, parallelism: 2 }),
  copyView('pairs_p', 't', { fields: [0, 1], parallelism: 2, also: 'failing' }),
  countView('counts_all', ['t', 'pairs_p'], 2),
  countView('counts_drained', ['t', 'pairs_p'], 2),
];

async function drainedWorld() {
  const world = new TestWorld({ seed: 5, slots: 2 });
  const topic = new TestTopic(2);
  world.topics.set('t', topic);
  const cluster = await world.start();
  await deploy(cluster, ...JOBS);
  const feed = (): void => {
    for (let key = 0; key < 8; key++) topic.append(key % 2, [BigInt(key), 1n, 0n]);
  };
  feed();
  await cluster.checkpoint();
  feed();
  await cluster.drain(['job-counts_drained']);
  const counted = (times: number): string[] => Array.from({ length: 8 }, (_, key) => `${key} ${2 * times} ${2 * times}`);
  return { world, topic, cluster, feed, counted };
}

const stateOf = (cluster: Awaited<ReturnType<TestWorld['start']>>, name: string): string | undefined =>
  cluster.jobs().find((job) => job.name === name)?.state;

describe('a drained job', () => {
  it('has all that came before, and nothing of what its inputs bring to others', async () => {
    const { cluster, feed, counted } = await drainedWorld();
    expect(stateOf(cluster, 'counts_drained')).toBe('FINISHED');
    feed();
    await cluster.flush();
    expect((await contentOf(cluster, 'counts_drained')).rows).toEqual(counted(2));
    expect((await contentOf(cluster, 'counts_all')).rows).toEqual(counted(3));
    await cluster.drain(['job-counts_drained']);
    await cluster.drop('job-counts_drained');
    feed();
    await cluster.checkpoint();
    expect((await contentOf(cluster, 'counts_all')).rows).toEqual(counted(4));
    await cluster.close();
  });

  for (const durable of [false, true]) {
    it(`is finished after a crash ${durable ? 'behind a checkpoint of its end' : 'that replays its end'}, and after the next one`, async () => {
      const { world, cluster, feed, counted } = await drainedWorld();
      feed();
      if (durable) await cluster.checkpoint();
      await cluster.flush();
      await cluster.close();
      for (let crash = 0; crash < 2; crash++) {
        const again = await world.start(JOBS);
        await again.jobFinished('job-counts_drained');
        feed();
        if (crash === 0) await again.checkpoint();
        else await again.flush();
        expect((await contentOf(again, 'counts_drained')).rows).toEqual(counted(2));
        expect((await contentOf(again, 'counts_all')).rows).toEqual(counted(4 + crash));
        await again.close();
      }
    });
  }

  it('is finished after its region has restarted', async () => {
    const { world, cluster, topic, counted } = await drainedWorld();
    Object.assign(world.failures, { key: 99n, times: 1, error: goneError() });
    topic.append(0, [99n, 1n, 0n]);
    for (let turn = 0; turn < 300; turn++) await Promise.resolve();
    expect(stateOf(cluster, 'counts_drained')).toBe('RESTARTING');
    const flushed = cluster.flush();
    world.clock.advance(2_000);
    await flushed;
    await cluster.flush();
    await cluster.jobFinished('job-counts_drained');
    expect((await contentOf(cluster, 'counts_drained')).rows).toEqual(counted(2));
    expect((await contentOf(cluster, 'counts_all')).rows).toEqual([...counted(2), '99 2 2']);
    await cluster.checkpoint();
    await cluster.close();
  });

  it('that stands still is refused', async () => {
    const { cluster } = await drainedWorld();
    await cluster.pause(['job-counts_all']);
    await expect(cluster.drain(['job-counts_all'])).rejects.toThrow('"counts_all" cannot be drained: its job is SUSPENDED');
    await cluster.close();
  });
});
