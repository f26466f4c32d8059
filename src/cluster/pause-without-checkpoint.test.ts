import { expect, it } from 'vitest';
import { batchFromRows } from '../batch/index.ts';
import type { Cluster } from './index.ts';
import { contentOf, countView, TestWorld, tableJob } from './testing/index.ts';
import { TEST_TYPES } from './testing/test-source.ts';
import type { FromSlot, SlotEvents, SlotLauncher } from './transport/index.ts';

const COUNTS = 'job-counts_t';

/** Holds back what the tasks of a job hand in for checkpoints, while `held`. */
class LateState {
  held = false;
  #waiting: { readonly message: FromSlot; readonly events: SlotEvents }[] = [];
  #events: SlotEvents | null = null;

  between(slots: SlotLauncher): SlotLauncher {
    return {
      settled: slots.settled,
      launch: (launch, events) => {
        this.#events = events;
        return slots.launch(launch, {
          ...events,
          message: (message) => {
            if (this.held && message.kind === 'snapshot' && message.task.jobId === COUNTS) this.#waiting.push({ message, events });
            else events.message(message);
          },
        });
      },
    };
  }

  letGo(): void {
    this.held = false;
    for (const { message, events } of this.#waiting) events.message(message);
    this.#waiting = [];
  }

  /** A task of another job fails. */
  fail(jobId: string): void {
    const task = { jobId, attempt: 1, vertex: 'v0', subtask: 0 };
    this.#events!.message({ kind: 'failed', task, error: { code: '08006', message: 'gone', class: 'external' }, position: '' });
  }
}

const jobs = [tableJob('t', 2), countView('counts_t', ['t'], 2), tableJob('u', 2)];

/** A view that has one row in a checkpoint, and one behind it. */
async function start(): Promise<{ late: LateState; world: TestWorld; cluster: Cluster }> {
  const late = new LateState();
  const world = new TestWorld({ seed: 81, slots: 2, between: (slots) => late.between(slots) });
  const cluster = await world.start();
  for (const job of jobs) await cluster.deploy(job.graph, job.source);
  await write(cluster, 1n);
  await cluster.checkpoint();
  await write(cluster, 2n);
  late.held = true;
  return { late, world, cluster };
}

async function write(cluster: Cluster, key: bigint): Promise<void> {
  await cluster.write([{ relation: 't', batch: batchFromRows(TEST_TYPES, [[key, key, 0n]]) }]);
}

/** Lets promises run, and the clock that restarts wait for. */
async function pass(world: TestWorld): Promise<void> {
  for (let turn = 0; turn < 3_000; turn++) {
    if (turn % 500 === 499) world.clock.advance(1_000);
    await Promise.resolve();
  }
}

it('a view that goes on before a checkpoint has it standing still loses nothing', async () => {
  const { late, world, cluster } = await start();
  const paused = cluster.pause([COUNTS]).then(
    () => 'paused',
    (error: Error) => error.message,
  );
  await pass(world);
  const resumed = cluster.resume([COUNTS]);
  await pass(world);
  late.letGo();
  await pass(world);
  await resumed;
  expect(await paused).toMatch(/"counts_t" could not be paused: it has restarted meanwhile/);
  await write(cluster, 3n);
  await cluster.flush();
  expect((await contentOf(cluster, 'counts_t')).rows).toEqual(['1 1 1', '2 1 2', '3 1 3']);
  await cluster.checkpoint();
  await cluster.close();
  const again = await world.start(jobs);
  expect((await contentOf(again, 'counts_t')).rows).toEqual(['1 1 1', '2 1 2', '3 1 3']);
  await again.close();
});

it('no checkpoint has a view standing still before its state there has come', async () => {
  const { late, world, cluster } = await start();
  let done = false;
  const paused = cluster.pause([COUNTS]).finally(() => {
    done = true;
  });
  await pass(world);
  late.fail('job-u');
  await pass(world);
  expect(done).toBe(false);
  late.letGo();
  await pass(world);
  await paused;
  await cluster.close();
  const again = await world.start(jobs);
  expect((await contentOf(again, 'counts_t')).rows).toEqual(['1 1 1', '2 1 2']);
  await again.close();
});

it('after a start a view that was to be paused again goes on for good with a RESUME, whatever kept it from standing still before', async () => {
  const { late, world, cluster: first } = await start();
  late.letGo();
  await first.checkpoint();
  await first.close();
  const [t, counts, u] = jobs;
  const cluster = await world.start([t!, { ...counts!, paused: true }, u!]);
  late.fail('job-u');
  const resumed = cluster.resume([COUNTS]);
  await pass(world);
  await resumed;
  await write(cluster, 3n);
  await cluster.flush();
  expect(cluster.jobs().map(({ state }) => state)).toEqual(['RUNNING', 'RUNNING', 'RUNNING']);
  expect((await contentOf(cluster, 'counts_t')).rows).toEqual(['1 1 1', '2 1 2', '3 1 3']);
  await cluster.close();
});

/** What a start lets go on may be dropped at any moment of that. */
it.each(Array.from({ length: 12 }, (_, index) => index * 3))('a view dropped %i steps after it began to go on holds nobody up', async (steps) => {
  const { late, world, cluster } = await start();
  late.letGo();
  await cluster.pause([COUNTS]);
  const resumed = cluster.resume([COUNTS]).catch(() => undefined);
  for (let step = 0; step < steps; step++) await Promise.resolve();
  let done = false;
  const other = countView('counts_u', ['u'], 2);
  const made = Promise.all([cluster.drop(COUNTS), resumed])
    .then(() => cluster.deploy(other.graph, other.source))
    .finally(() => {
      done = true;
    });
  for (let turn = 0; turn < 5 && !done; turn++) await pass(world);
  expect(done).toBe(true);
  await made;
  await cluster.close();
});
