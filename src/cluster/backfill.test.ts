import { expect, it } from 'vitest';
import { SqlError, SqlState } from '../base/index.ts';
import type { BackfillStatus, Cluster } from './index.ts';
import type { TaskManagerRegistry } from './resource-manager/index.ts';
import { contentOf, copyView, countView, deploy, sourceJob, type TestRow, TestTopic, TestWorld } from './testing/index.ts';

const PHASES: readonly BackfillStatus['phase'][] = ['waiting', 'starting', 'reading', 'catching up', 'publishing'];
const ROWS = 2_000;
const HISTORY = { relation: 't', rowsRead: ROWS, rowsTotal: null, offsets: { read: ROWS, total: ROWS }, share: 1 };
const CONTENT = { relation: 'pairs_t', rowsRead: ROWS, rowsTotal: ROWS, offsets: null, share: 1 };

async function turns(count = 50): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

function rowsFrom(first: number): TestRow[] {
  return Array.from({ length: ROWS / 2 }, (_, index) => [BigInt(first + index), 1n, 0n]);
}

/** What is said of a job while it is being deployed, once a second. */
async function told(
  world: TestWorld,
  cluster: Cluster,
  { jobId, deployed }: { jobId: string; deployed: Promise<unknown> },
): Promise<BackfillStatus[]> {
  const all: BackfillStatus[] = [];
  let running = true;
  const ended = deployed.finally(() => {
    running = false;
  });
  while (running) {
    await turns(10);
    world.clock.advance(1000);
    const status = cluster.monitor.backfill(jobId);
    if (status !== null) all.push(status);
  }
  await ended;
  return all;
}

function expectRising(values: readonly number[]): void {
  expect(values).toEqual([...values].sort((left, right) => left - right));
}

it('tells how far a new job is with the history of a source and with the content of a view', async () => {
  const world = new TestWorld({ seed: 81, slots: 2 });
  const topic = new TestTopic(2);
  world.topics.set('t', topic);
  const cluster = await world.start([], { epochIntervalMs: 100 });
  await deploy(cluster, sourceJob({ relation: 't', topic: 't', partitions: 2, parallelism: 2 }));
  await deploy(cluster, copyView('pairs_t', 't', { fields: [0, 1], parallelism: 2 }));
  expect(cluster.monitor.backfill('job-pairs_t')).toMatchObject({
    phase: 'publishing',
    inputs: [{ relation: 't', rowsRead: 0, rowsTotal: 0, share: 1 }],
  });
  topic.append(0, ...rowsFrom(0));
  topic.append(1, ...rowsFrom(ROWS));
  while ((await contentOf(cluster, 'pairs_t')).rows.length < ROWS) await cluster.flush();
  const view = countView('counts_both', ['t', 'pairs_t'], 2);
  const all = await told(world, cluster, { jobId: view.graph.jobId, deployed: deploy(cluster, view) });

  expectRising(all.map(({ phase }) => PHASES.indexOf(phase)));
  const reading = all.filter(({ phase }) => phase === 'reading');
  for (const index of [0, 1]) expectRising(reading.map(({ inputs }) => inputs[index]!.rowsRead));
  const midway = reading.filter(({ inputs }) => inputs[0]!.share !== null && inputs[0]!.share > 0 && inputs[0]!.share < 1);
  expect(midway.length).toBeGreaterThan(2);
  for (const { inputs } of midway) expect(inputs[0]!.offsets).toEqual({ read: inputs[0]!.rowsRead, total: ROWS });
  expect(cluster.monitor.backfill(view.graph.jobId)).toMatchObject({ phase: 'publishing', waitsFor: null, inputs: [HISTORY, CONTENT] });
  expectRising(all.flatMap(({ epoch }) => epoch ?? []));
  await cluster.flush();
  expect((await contentOf(cluster, 'counts_both')).rows.length).toBe(ROWS);
  await cluster.drop(view.graph.jobId);
  expect(cluster.monitor.backfill(view.graph.jobId)).toBeNull();
  await cluster.close();
});

it('tells what a new job waits for, and stops waiting for slots as soon as nobody wants it', async () => {
  const world = new TestWorld({ seed: 82, slots: 2 });
  world.topics.set('t', new TestTopic(1));
  // Other processes may register, and none does.
  const taskManagers = { open: async () => undefined, close: async () => undefined, rings: null } as unknown as TaskManagerRegistry;
  const cluster = await world.start([], { taskManagers });
  await deploy(cluster, sourceJob({ relation: 't', topic: 't', partitions: 1, parallelism: 1 }));
  const { graph } = countView('counts_calm', ['t'], 2);
  const calm = { ...graph, vertices: graph.vertices.map((vertex) => ({ ...vertex, slotSharingGroup: 'calm' })) };
  const stop = new AbortController();
  const outcome = cluster.deploy(calm, null, stop.signal).catch((error: unknown) => error);
  await turns();
  expect(cluster.monitor.backfill(graph.jobId)).toEqual({
    phase: 'waiting for slots',
    waitsFor: 'job "counts_calm" needs 2 slots of slot sharing group "calm", 1 is there',
    epoch: null,
    inputs: [],
  });
  const reason = new SqlError({ code: SqlState.queryCanceled, message: 'canceling statement due to user request' });
  stop.abort(reason);
  expect(await outcome).toBe(reason);
  expect(cluster.monitor.backfill(graph.jobId)).toBeNull();
  expect(cluster.jobs().map(({ name }) => name)).toEqual(['t']);
  await deploy(cluster, countView('counts_t', ['t'], 1));
  await cluster.close();
});
