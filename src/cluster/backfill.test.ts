import { expect, it } from 'vitest';
import { SqlError, SqlState } from '../base/index.ts';
import { batchFromRows } from '../batch/index.ts';
import type { BackfillStatus, Cluster } from './index.ts';
import type { TaskManagerRegistry } from './resource-manager/index.ts';
import { contentOf, copyView, countView, deploy, sourceJob, type TestRow, TestTopic, TestWorld, tableJob } from './testing/index.ts';
import { TEST_TYPES } from './testing/test-source.ts';

const PHASES: readonly BackfillStatus['phase'][] = ['waiting', 'starting', 'reading', 'catching up', 'publishing'];
const ROWS = 4_000;
const PARTS = 10;
/** See epoch-coordinator.ts. */
const EPOCHS_IN_FLIGHT_MAX = 4;
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
  const outcome = cluster.deploy(calm, null, { signal: stop.signal }).catch((error: unknown) => error);
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

/** While the job is being deployed time passes, and `step` is taken again and again; how often it was done by then. */
async function meanwhile(world: TestWorld, deployed: Promise<unknown>, step: (done: number) => Promise<unknown>): Promise<number> {
  let [running, done] = [true, 0];
  const ended = deployed.finally(() => {
    running = false;
  });
  const passing = (async () => {
    for (let idle = 0; idle < 1_000; idle = running ? 0 : idle + 1) {
      await turns(5);
      world.clock.advance(100);
    }
  })();
  while (running) {
    await step(done);
    if (running) done++;
  }
  await Promise.all([ended, passing]);
  return done;
}

async function contentIs(world: TestWorld, cluster: Cluster, { relation, count }: { relation: string; count: number }): Promise<string[]> {
  for (;;) {
    const { rows } = await contentOf(cluster, relation);
    if (rows.length >= count) return rows;
    await turns();
    world.clock.advance(100);
  }
}

it.each([undefined, 0])(
  'writers of what a new job reads do not wait for it, unless more is kept for it than may (%s bytes)',
  async (pinnedBytesMax) => {
    const world = new TestWorld({ seed: 83, slots: 2 });
    let cluster = await world.start([], { epochIntervalMs: 100, pinnedBytesMax });
    await deploy(cluster, tableJob('t', 2));
    const write = (rows: readonly TestRow[]): Promise<number> => cluster.write([{ relation: 't', batch: batchFromRows(TEST_TYPES, rows) }]);
    for (let part = 0; part < PARTS; part++) await write(rowsFrom((part * ROWS) / 2));
    const view = countView('counts_t', ['t'], 2);
    const deployed = deploy(cluster, view);
    const written = await meanwhile(world, deployed, async (done) => {
      const epoch = await write([[BigInt(PARTS * ROWS + done), 1n, 0n]]);
      (await cluster.pin(['t'], epoch)).release();
    });
    expect(written > 2 * EPOCHS_IN_FLIGHT_MAX).toBe(pinnedBytesMax === undefined);
    const rows = await contentIs(world, cluster, { relation: 'counts_t', count: (PARTS * ROWS) / 2 + written });
    expect(rows.every((row) => row.split(' ')[1] === '1')).toBe(true);
    await cluster.close();
    cluster = await world.start([tableJob('t', 2), view]);
    expect((await contentOf(cluster, 'counts_t')).rows.length).toBe((await contentOf(cluster, 't')).rows.length);
    await cluster.close();
  },
);

it('checkpoints go on while a new job reads the history of a source, and have it from when it is there', async () => {
  const world = new TestWorld({ seed: 84, slots: 2 });
  const topic = new TestTopic(2);
  world.topics.set('t', topic);
  const jobs = [
    sourceJob({ relation: 't', topic: 't', partitions: 2, parallelism: 2 }),
    copyView('pairs_t', 't', { fields: [0, 1], parallelism: 2 }),
  ];
  let cluster = await world.start([], { epochIntervalMs: 100 });
  await deploy(cluster, ...jobs);
  topic.append(0, ...rowsFrom(0));
  topic.append(1, ...rowsFrom(ROWS));
  await contentIs(world, cluster, { relation: 'pairs_t', count: ROWS });
  const view = countView('counts_t', ['t'], 2);
  const made = await meanwhile(world, deploy(cluster, view), async (done) => {
    topic.append(done % 2, [BigInt(2 * ROWS + done), 1n, 0n]);
    await cluster.checkpoint();
  });
  expect(made).toBeGreaterThan(2);
  // Whether a checkpoint has it or not, a start has all of it.
  for (const checkpoint of [false, true]) {
    if (checkpoint) await cluster.checkpoint();
    await cluster.close();
    cluster = await world.start([...jobs, view]);
    await cluster.flush();
    const rows = await contentIs(world, cluster, { relation: 'counts_t', count: ROWS + made });
    expect(rows.every((row) => row.split(' ')[1] === '1')).toBe(true);
  }
  await cluster.close();
});
