import { expect, it } from 'vitest';
import { batchFromRows } from '../batch/index.ts';
import type { ClusterHooks } from './create-cluster.ts';
import type { Cluster } from './index.ts';
import { contentOf, countView, deploy, sourceJob, TestTopic, TestWorld, tableJob } from './testing/index.ts';
import { TEST_TYPES } from './testing/test-source.ts';
import type { SlotLauncher } from './transport/index.ts';

const SPILL_MS = 1_000;

/** Says of every epoch of a job that its state took so long to move, in each of its subtasks. */
function spilling(jobId: string, ms: () => number): (slots: SlotLauncher) => SlotLauncher {
  return (slots) => ({
    settled: slots.settled,
    launch: (launch, events) =>
      slots.launch(launch, {
        ...events,
        message: (message) => {
          if (message.kind === 'passed' && message.task.jobId === jobId) events.message({ kind: 'spilled', task: message.task, ms: ms() });
          events.message(message);
        },
      }),
  });
}

interface Regions {
  readonly world: TestWorld;
  readonly cluster: Cluster & ClusterHooks;
  readonly t: TestTopic;
  readonly u: TestTopic;
}

/** Streams t, whose view spills, and u; with `table`, the view of t reads a stored table as well. */
async function regions(seed: number, ms: () => number, table = false): Promise<Regions> {
  const world = new TestWorld({ seed, slots: 2, between: spilling('job-counts_t', ms) });
  const t = new TestTopic(2);
  const u = new TestTopic(2);
  world.topics.set('t', t).set('u', u);
  const cluster = await world.start([], { epochIntervalMs: 100, checkpointIntervalMs: 6_000 });
  await deploy(
    cluster,
    sourceJob({ relation: 't', topic: 't', partitions: 2, parallelism: 2 }),
    sourceJob({ relation: 'u', topic: 'u', partitions: 2, parallelism: 2 }),
    ...(table ? [tableJob('w', 2)] : []),
    countView('counts_t', table ? ['t', 'w'] : ['t'], 2),
    countView('counts_u', ['u'], 2),
  );
  return { world, cluster, t, u };
}

/** A row of key 1 to both streams every 100 ms; how often each view has shown something new. */
async function changesShown({ world, cluster, t, u }: Regions, forMs: number): Promise<{ t: number; u: number }> {
  const shown = { t: 0, u: 0 };
  const newest = { t: '', u: '' };
  for (let atMs = 0; atMs < forMs; atMs += 100) {
    t.append(0, [1n, 1n, 0n]);
    u.append(0, [1n, 1n, 0n]);
    await advance(world, 0);
    await advance(world, 100);
    for (const name of ['t', 'u'] as const) {
      const rows = (await contentOf(cluster, `counts_${name}`)).rows.join();
      if (rows !== newest[name]) shown[name]++;
      newest[name] = rows;
    }
  }
  return shown;
}

async function advance(world: TestWorld, ms: number): Promise<void> {
  world.clock.advance(ms);
  for (let turn = 0; turn < 400; turn++) await Promise.resolve();
}

const paceOf = (cluster: Cluster, name: string): number | null => cluster.jobs().find((job) => job.name === name)!.epochPaceMs;

it('a region that spills has epochs at the pace of that, its neighbours at the interval, and at the end it has all', async () => {
  let ms = SPILL_MS;
  const all = await regions(11, () => ms);
  await changesShown(all, 300);
  expect([paceOf(all.cluster, 'counts_t'), paceOf(all.cluster, 't'), paceOf(all.cluster, 'counts_u')]).toEqual([3 * SPILL_MS, 3 * SPILL_MS, null]);
  const shown = await changesShown(all, 9_000);
  expect(shown.u).toBeGreaterThan(80);
  expect(shown.t).toBeGreaterThanOrEqual(2);
  expect(shown.t).toBeLessThanOrEqual(4);
  await advance(all.world, 3 * SPILL_MS);
  expect((await contentOf(all.cluster, 'counts_t')).rows).toEqual(['1 93 93']);
  ms = 10;
  await changesShown(all, 3 * SPILL_MS);
  expect(paceOf(all.cluster, 'counts_t')).toBeNull();
  expect((await changesShown(all, 1_000)).t).toBeGreaterThan(8);
  await all.cluster.close();
});

it('FLUSH, a checkpoint and a write to a table of the region wait for no rest', async () => {
  const { world, cluster, t } = await regions(12, () => SPILL_MS, true);
  t.append(0, [1n, 1n, 0n]);
  await cluster.flush();
  expect(paceOf(cluster, 'counts_t')).toBe(3 * SPILL_MS);
  t.append(0, [1n, 1n, 0n]);
  expect((await contentOf(cluster, 'counts_t', await cluster.flush())).rows).toEqual(['1 2 2']);
  t.append(0, [1n, 1n, 0n]);
  await cluster.checkpoint();
  expect((await contentOf(cluster, 'counts_t')).rows).toEqual(['1 3 3']);
  const epoch = await cluster.write([{ relation: 'w', batch: batchFromRows(TEST_TYPES, [[7n, 7n, 0n]]) }]);
  expect((await contentOf(cluster, 'counts_t', epoch)).rows).toEqual(['1 3 3', '7 1 7']);
  expect(world.clock.monotonicMs()).toBe(0);
  await cluster.close();
});

it('a checkpoint that is due after 6 seconds waits for a rest of 15, and no longer', async () => {
  const all = await regions(13, () => 5_000);
  await all.cluster.flush();
  const cut = (): number => all.cluster.monitor.checkpoints().at(-1)?.id ?? 0;
  const before = cut();
  await changesShown(all, 14_000);
  expect(cut()).toBe(before);
  await changesShown(all, 1_500);
  expect(cut()).toBeGreaterThan(before);
  await all.cluster.close();
});
