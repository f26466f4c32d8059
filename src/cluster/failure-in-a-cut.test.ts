import { expect, it } from 'vitest';
import type { SqlErrorFields } from '../base/index.ts';
import { batchFromRows } from '../batch/index.ts';
import type { Cluster } from './index.ts';
import { contentOf, countView, rowsAt, TestWorld, tableJob } from './testing/index.ts';
import { TEST_TYPES } from './testing/test-source.ts';
import type { SlotLauncher } from './transport/index.ts';

/** Lets a task of the job fail in the place of its answer to the next cut, once `armed`. */
class FailureInACut {
  readonly #jobId: string;
  armed = false;
  error: SqlErrorFields = { code: '08006', message: 'gone', class: 'external' };

  constructor(jobId: string) {
    this.#jobId = jobId;
  }

  between(slots: SlotLauncher): SlotLauncher {
    return {
      settled: slots.settled,
      launch: (launch, events) => {
        const link = slots.launch(launch, events);
        return {
          close: () => link.close(),
          send: (message) => {
            link.send(message);
            const task = message.kind === 'cut' && this.armed ? message.tasks.find((one) => one.task.jobId === this.#jobId)?.task : undefined;
            if (task === undefined) return;
            this.armed = false;
            events.message({ kind: 'failed', task, error: this.error, position: '' });
          },
        };
      },
    };
  }
}

async function start(seed: number): Promise<{ world: TestWorld; cluster: Cluster; failure: FailureInACut }> {
  const failure = new FailureInACut('job-ta');
  const world = new TestWorld({ seed, slots: 2, between: (slots) => failure.between(slots) });
  const cluster = await world.start();
  for (const job of [tableJob('ta', 2), tableJob('tb', 2), countView('counts_t', ['tb'], 2)]) await cluster.deploy(job.graph, job.source);
  return { world, cluster, failure };
}

/** One commit to both tables. */
function write(cluster: Cluster, key: bigint): Promise<number> {
  return cluster.write(['ta', 'tb'].map((relation) => ({ relation, batch: batchFromRows(TEST_TYPES, [[key, key, 0n]]) })));
}

async function both(cluster: Cluster, atLeast: number): Promise<string[][]> {
  const pinned = await cluster.pin(['ta', 'tb'], atLeast);
  const rows = [await rowsAt(cluster, 'ta', pinned), await rowsAt(cluster, 'tb', pinned)];
  pinned.release();
  return rows;
}

/** Lets restarts come about: promises, and the clock they wait for. */
async function settled<Value>(world: TestWorld, work: Promise<Value>): Promise<Value> {
  let done = false;
  const ended = work.finally(() => {
    done = true;
  });
  ended.catch(() => undefined);
  for (let turn = 0; turn < 20_000 && !done; turn++) {
    if (turn % 500 === 499) world.clock.advance(1_000);
    await Promise.resolve();
  }
  if (!done) throw new Error('it finds no end');
  return ended;
}

for (const seed of [61, 62, 63]) {
  it(`a job that fails while a checkpoint is cut keeps its state (seed ${seed})`, async () => {
    const { world, cluster, failure } = await start(seed);
    await write(cluster, 1n);
    await cluster.checkpoint();
    await write(cluster, 2n);
    failure.armed = true;
    await settled(world, cluster.checkpoint());
    expect(failure.armed).toBe(false);
    expect((await settled(world, contentOf(cluster, 'ta'))).rows).toEqual(['1 1 0', '2 2 0']);
    await cluster.close();
  });

  it(`a commit to several tables is in one epoch of all of them, though one fails while that is cut (seed ${seed})`, async () => {
    const { world, cluster, failure } = await start(seed);
    await write(cluster, 1n);
    failure.armed = true;
    const epoch = await settled(world, write(cluster, 2n));
    expect(failure.armed).toBe(false);
    expect(await settled(world, both(cluster, epoch))).toEqual([
      ['1 1 0', '2 2 0'],
      ['1 1 0', '2 2 0'],
    ]);
    await cluster.close();
  });
}

it('while a table has failed for good a write is refused, one under way too, and the others go on when it is dropped', async () => {
  const { world, cluster, failure } = await start(64);
  await write(cluster, 1n);
  Object.assign(failure, { armed: true, error: { code: '53200', message: 'no room', class: 'user' } });
  const refused = { code: '55000', message: 'nothing can be written to tables and streams without a connector: "ta" has failed', detail: 'no room' };
  const hint = 'Start the server again once the cause is gone, or drop "ta".';
  await expect(settled(world, write(cluster, 2n))).rejects.toMatchObject({
    ...refused,
    hint: `${hint} What this statement has written is kept, and is there then.`,
  });
  await expect(write(cluster, 3n)).rejects.toMatchObject({ ...refused, hint });
  await settled(world, cluster.drop('job-ta'));
  const epoch = await settled(world, cluster.write([{ relation: 'tb', batch: batchFromRows(TEST_TYPES, [[5n, 5n, 0n]]) }]));
  expect((await settled(world, contentOf(cluster, 'tb', epoch))).rows).toEqual(['1 1 0', '2 2 0', '5 5 0']);
  await cluster.close();
});
