import { expect, it } from 'vitest';
import type { BackfillInputStatus, Cluster, JobRequest } from './index.ts';
import { contentOf, copyView, countView, deploy, goneError, sourceJob, type TestRow, TestTopic, TestWorld } from './testing/index.ts';

const ROWS = 16_000;
/** Of what the first attempt reads. */
const MIDWAY = 0.2;
/** A checkpoint has the more of it the shorter its interval is. */
const READ_MIN = 500;
const OPTIONS = { epochIntervalMs: 100, checkpointIntervalMs: 1_000 };

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

function rowsFrom(first: number, count = ROWS / 2): TestRow[] {
  return Array.from({ length: count }, (_, index) => [BigInt((first + index) % 50), BigInt(index), 0n]);
}

const source = (): JobRequest => sourceJob({ relation: 't', topic: 't', partitions: 2, parallelism: 2 });
const copy = (): JobRequest => copyView('pairs_t', 't', { fields: [0, 1], parallelism: 2 });

async function running(seed: number): Promise<{ world: TestWorld; topic: TestTopic; cluster: Cluster }> {
  const world = new TestWorld({ seed, slots: 2 });
  const topic = new TestTopic(2);
  world.topics.set('t', topic);
  const cluster = await world.start([], OPTIONS);
  await deploy(cluster, source(), copy());
  topic.append(0, ...rowsFrom(0));
  topic.append(1, ...rowsFrom(7));
  while ((await contentOf(cluster, 'pairs_t')).rows.length < ROWS) await cluster.flush();
  return { world, topic, cluster };
}

/** Time passes until `done`. */
async function until(world: TestWorld, done: () => boolean): Promise<void> {
  for (let step = 0; !done(); step++) {
    expect(step).toBeLessThan(5_000);
    await turns(5);
    world.clock.advance(1_000);
  }
}

function historyOf(cluster: Cluster, jobId: string): BackfillInputStatus | null {
  return cluster.monitor.backfill(jobId)?.inputs[0] ?? null;
}

/** Deploys the view and stops waiting for it once so much has been read and a checkpoint of that is there. */
async function midway(world: TestWorld, cluster: Cluster, view: JobRequest): Promise<{ failed: Promise<unknown> }> {
  const failed = cluster.deploy(view.graph, null, { resumes: true }).then(
    () => null,
    (error: unknown) => error,
  );
  await until(world, () => (historyOf(cluster, view.graph.jobId)?.share ?? 0) >= MIDWAY);
  const before = cluster.monitor.checkpoints().length;
  await until(
    world,
    () =>
      cluster.monitor
        .checkpoints()
        .slice(before)
        .filter(({ state }) => state === 'complete').length >= 2,
  );
  return { failed };
}

async function madeAgain(world: TestWorld, cluster: Cluster, view: JobRequest): Promise<BackfillInputStatus> {
  let made = false;
  const deployed = cluster.deploy(view.graph, null, { resumes: true }).then(() => {
    made = true;
  });
  await until(world, () => made);
  await deployed;
  return historyOf(cluster, view.graph.jobId)!;
}

async function expectRight(cluster: Cluster, inputs: readonly string[] = ['t']): Promise<void> {
  await cluster.flush();
  await deploy(cluster, countView('counts_law', inputs, 2));
  const { epoch, rows } = await contentOf(cluster, 'counts_law');
  expect(rows.length).toBeGreaterThan(0);
  expect((await contentOf(cluster, 'counts_t', epoch)).rows).toEqual(rows);
}

it.each([1, 2])('goes on with the history that checkpoints have when the server crashes, with %d subtasks then', async (parallelism) => {
  const { world, topic, cluster } = await running(91);
  await midway(world, cluster, countView('counts_t', ['t'], 2));
  expect(cluster.interrupted()).toEqual([]);
  await cluster.close();

  topic.append(0, ...rowsFrom(3, 100));
  const again = await world.start([source(), copy()], OPTIONS);
  expect(again.interrupted()).toEqual(['job-counts_t']);
  const history = await madeAgain(world, again, countView('counts_t', ['t'], parallelism));
  expect(history.resumedAt).toBeGreaterThan(READ_MIN);
  expect(history.rowsRead).toBeLessThanOrEqual(ROWS + 100 - history.resumedAt!);
  expect(again.interrupted()).toEqual([]);
  await expectRight(again);
  await again.close();
});

it('goes on again and again, also in a job that reads the content of a view besides', async () => {
  const { world, topic, cluster: first } = await running(92);
  const view = countView('counts_t', ['t', 'pairs_t'], 2);
  let cluster = first;
  let resumedAt = 0;
  for (let crash = 0; crash < 2; crash++) {
    await midway(world, cluster, view);
    await cluster.close();
    topic.append(1, ...rowsFrom(3, 10));
    cluster = await world.start([source(), copy()], OPTIONS);
    expect(cluster.interrupted()).toEqual(['job-counts_t']);
    cluster.deploy(view.graph, null, { resumes: true }).catch(() => undefined);
    await until(world, () => historyOf(cluster, 'job-counts_t')?.resumedAt !== undefined && historyOf(cluster, 'job-counts_t')!.resumedAt !== null);
    const history = historyOf(cluster, 'job-counts_t')!;
    expect(history.resumedAt).toBeGreaterThan(resumedAt);
    resumedAt = history.resumedAt!;
    await cluster.close();
    cluster = await world.start([source(), copy()], OPTIONS);
  }
  await madeAgain(world, cluster, view);
  await expectRight(cluster, ['t', 'pairs_t']);
  await cluster.close();
});

it('an attempt that fails in the same server leaves its state to the next one, and nothing to nobody', async () => {
  const { world, topic, cluster } = await running(93);
  const view = copyView('pairs_new', 't', { fields: [0, 1], parallelism: 2, also: 'failing' });
  const { failed } = await midway(world, cluster, view);
  Object.assign(world.failures, { key: 11n, times: 1, error: goneError() });
  let error: unknown = null;
  await until(world, () => {
    failed.then((cause) => {
      error = cause;
    });
    return error !== null;
  });
  expect(error).toMatchObject({ class: 'external' });
  expect(cluster.interrupted()).toEqual(['job-pairs_new']);
  topic.append(0, ...rowsFrom(3, 100));
  Object.assign(world.failures, { key: null });
  const history = await madeAgain(world, cluster, view);
  expect(history.resumedAt).toBeGreaterThan(READ_MIN);
  await cluster.flush();
  const { epoch, rows } = await contentOf(cluster, 'pairs_t');
  expect((await contentOf(cluster, 'pairs_new', epoch)).rows).toEqual(rows);
  await cluster.checkpoint();
  await cluster.close();
});

it('forgets the state of what nobody makes any more', async () => {
  const { world, cluster } = await running(94);
  await midway(world, cluster, countView('counts_t', ['t'], 2));
  await cluster.close();
  const again = await world.start([source(), copy()], OPTIONS);
  again.forgetInterrupted('job-counts_t');
  expect(again.interrupted()).toEqual([]);
  await again.checkpoint();
  await again.close();
  const third = await world.start([source(), copy()], OPTIONS);
  expect(third.interrupted()).toEqual([]);
  await deploy(third, countView('counts_t', ['t'], 2));
  await expectRight(third);
  await third.close();
});

it('begins again where the plan has become another one, without what there was', async () => {
  const { world, cluster } = await running(95);
  await midway(world, cluster, countView('counts_t', ['t'], 2));
  await cluster.close();
  const again = await world.start([source(), copy()], OPTIONS);
  const planned = countView('counts_t', ['t', 'pairs_t'], 2);
  await expect(again.deploy(planned.graph, null, { resumes: true })).rejects.toMatchObject({
    code: '40001',
    class: 'external',
    message: '"counts_t" has another plan by now, so its making begins again',
  });
  expect(again.interrupted()).toEqual([]);
  const history = await madeAgain(world, again, planned);
  expect(history.resumedAt).toBeNull();
  await expectRight(again, ['t', 'pairs_t']);
  await again.close();
});

it('a savepoint has nothing of a view that is not there, though checkpoints have', async () => {
  const { world, cluster } = await running(96);
  await midway(world, cluster, countView('counts_t', ['t'], 2));
  expect(historyOf(cluster, 'job-counts_t')?.kept).toBeGreaterThan(READ_MIN);
  const saved = await cluster.savepoint(['job-t', 'job-pairs_t', 'job-counts_t'], async ({ image, jobs }) => {
    return { jobs: jobs.map((job) => job.id), operators: image!.tables().map(({ operatorId }) => operatorId), record: image!.record };
  });
  expect(saved.record).not.toHaveProperty('joining');
  expect(saved.jobs).toEqual(['job-t', 'job-pairs_t']);
  expect(saved.operators.filter((id) => id.includes('pairs_t'))).not.toEqual([]);
  expect(saved.operators.filter((id) => id.includes('counts_t'))).toEqual([]);
  await cluster.close();
});

it('goes back behind what checkpoints have of its history when its region restarts before one has it whole', async () => {
  const { world, topic, cluster } = await running(97);
  const view = copyView('pairs_new', 't', { fields: [0, 1], parallelism: 2, also: 'failing' });
  await midway(world, cluster, view);
  await cluster.close();
  const again = await world.start([source(), copy()], { ...OPTIONS, checkpointIntervalMs: null });
  const { resumedAt } = await madeAgain(world, again, view);
  expect(resumedAt).toBeGreaterThan(READ_MIN);
  expect(again.monitor.checkpoints().filter(({ state }) => state === 'complete')).toEqual([]);
  Object.assign(world.failures, { key: 77n, times: 1, error: goneError() });
  topic.append(0, [77n, 1n, 0n]);
  await until(world, () => world.failures.times === 0 && again.jobs().every(({ state }) => state === 'RUNNING'));
  Object.assign(world.failures, { key: null });
  topic.append(1, ...rowsFrom(3, 100));
  await again.flush();
  const { epoch, rows } = await contentOf(again, 'pairs_t');
  expect(rows.length).toBe(ROWS + 101);
  expect((await contentOf(again, 'pairs_new', epoch)).rows).toEqual(rows);
  await again.close();
});
