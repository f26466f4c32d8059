import { describe, expect, it } from 'vitest';
import { type Batch, batchFromRows } from '../batch/index.ts';
import { contentOf, copyView, countView, rowsAt, sourceJob, TestTopic, TestWorld, tableJob } from './testing/index.ts';
import { TEST_TYPES } from './testing/test-source.ts';

const VIEWS = 20;
/** Of the thread, enough for an epoch to go through. */
const TURNS = 200;

/** Steps of tasks by job, in a world with a busy relation and one that nothing comes to, with views on both; `epochMs`: how often epochs are made, or null. */
async function world(epochMs: number | null = null) {
  const steps = new Map<string, number>();
  const trace = (step: string): void => {
    const job = /^\d+ step (\S+) /.exec(step)?.[1];
    if (job !== undefined) steps.set(job, (steps.get(job) ?? 0) + 1);
  };
  const made = new TestWorld({ seed: 3, slots: 2, trace });
  const cluster = await made.start([], { epochIntervalMs: epochMs });
  const topics = { busy: new TestTopic(2), idle: new TestTopic(2) };
  for (const [name, topic] of Object.entries(topics)) {
    made.topics.set(name, topic);
    const { graph, source } = sourceJob({ relation: name, topic: name, partitions: 2, parallelism: 2 });
    await cluster.deploy(graph, source);
    for (let view = 0; view < VIEWS; view++) {
      const request =
        view % 2 === 0 ? countView(`counts_${name}${view}`, [name], 2) : copyView(`copy_${name}${view}`, name, { fields: [0, 1, 2], parallelism: 2 });
      await cluster.deploy(request.graph, request.source);
    }
  }
  await cluster.flush();
  steps.clear();
  const idleSteps = (): string[] => [...steps.keys()].filter((job) => job.includes('idle'));
  /** Rows of the busy relation, each in an epoch of its own, and the epochs they are in. */
  const busyEpochs = async (rows: number): Promise<number[]> => {
    const epochs: number[] = [];
    for (let row = 0; row < rows; row++) {
      topics.busy.append(row % 2, [BigInt(row % 7), 1n, BigInt(row)]);
      for (let turn = 0; turn < TURNS; turn++) await Promise.resolve();
      made.clock.advance(epochMs ?? 0);
      for (let turn = 0; turn < TURNS; turn++) await Promise.resolve();
      epochs.push((await contentOf(cluster, 'counts_busy0')).epoch);
    }
    return epochs;
  };
  return { made, cluster, topics, steps, idleSteps, busyEpochs };
}

describe('a task that nothing comes to', () => {
  it('is not stepped while rows come to others', async () => {
    const { cluster, steps, idleSteps, busyEpochs } = await world();
    await busyEpochs(50);
    expect(idleSteps()).toEqual([]);
    expect(steps.get('job-busy')).toBeGreaterThan(49);
    await cluster.flush();
    const { rows } = await contentOf(cluster, 'counts_busy0');
    expect(rows.reduce((sum, row) => sum + Number(row.split(' ')[1]), 0)).toBe(50);
    await cluster.close();
  });
});

describe('a region that nothing comes to', () => {
  it('takes no part in the epochs of others, is complete in them all the same, and has what comes later in the epoch it comes in', async () => {
    const { made, cluster, topics, idleSteps, busyEpochs } = await world(10);
    const follow = new AbortController();
    const idleFrom = (await contentOf(cluster, 'counts_idle0')).epoch;
    const progress = cluster.subscribe('counts_idle0', { after: idleFrom }, follow.signal)[Symbol.asyncIterator]();
    for (let turn = 0; turn < TURNS; turn++) await Promise.resolve();
    const epochs = await busyEpochs(20);
    expect(idleSteps()).toEqual([]);
    expect(new Set(epochs).size).toBe(20);
    const last = epochs.at(-1)!;
    expect(await contentOf(cluster, 'counts_idle0', last)).toEqual({ epoch: last, rows: [] });
    const told: number[] = [];
    while ((told.at(-1) ?? 0) < last) {
      const { epoch, batch } = (await progress.next()).value!;
      expect(batch).toBe(null);
      told.push(epoch);
    }
    expect(told).toEqual(expect.arrayContaining(epochs));
    follow.abort();
    topics.idle.append(0, [5n, 1n, 1n]);
    for (let turn = 0; turn < TURNS; turn++) await Promise.resolve();
    made.clock.advance(10);
    const { epoch, rows } = await contentOf(cluster, 'counts_idle0', last + 1);
    expect([epoch, rows]).toEqual([last + 1, ['5 1 1']]);
    await cluster.close();
  });

  it('of views on a table is neither stepped nor told what need not be kept any more, however many epochs there are', async () => {
    const idleSteps: string[] = [];
    const forgotten = new Set<string>();
    const made = new TestWorld({
      seed: 4,
      slots: 2,
      trace: (step) => {
        // The table's own reader follows the log, whoever is written to.
        if (/ step (?!job-idle v0)\S*idle/.test(step)) idleSteps.push(step);
      },
      between: (slots) => ({
        ...slots,
        launch: (launch, events) => {
          const link = slots.launch(launch, events);
          return {
            ...link,
            send: (message) => {
              if (message.kind === 'forget') for (const relation of message.relations.keys()) forgotten.add(relation);
              link.send(message);
            },
          };
        },
      }),
    });
    const cluster = await made.start();
    for (const name of ['busy', 'idle'])
      for (const { graph, source } of [tableJob(name, 2), countView(`counts_${name}`, [name], 2)]) await cluster.deploy(graph, source);
    await cluster.flush();
    forgotten.clear();
    idleSteps.length = 0;
    for (let row = 0; row < 20; row++) await cluster.write([{ relation: 'busy', batch: rowBatch(row) }]);
    expect([...forgotten].filter((relation) => relation.includes('idle'))).toEqual([]);
    expect(idleSteps).toEqual([]);
    expect(forgotten.has('busy')).toBe(true);
    await cluster.close();
  });

  it('has rows of stored tables in the epoch of their write, after a crash as before', async () => {
    const made = new TestWorld({ seed: 5, slots: 2 });
    const jobs = [tableJob('left', 2), tableJob('right', 2), countView('counts_left', ['left'], 2), countView('counts_right', ['right'], 2)];
    const cluster = await made.start();
    for (const { graph, source } of jobs) await cluster.deploy(graph, source);
    await cluster.checkpoint();
    const seen = new Map<number, readonly [string[], string[]]>();
    for (let row = 0; row < 12; row++) {
      const epoch = await cluster.write([{ relation: row % 3 === 0 ? 'left' : 'right', batch: rowBatch(row) }]);
      const pinned = await cluster.pin(['counts_left', 'counts_right'], epoch);
      seen.set(pinned.epoch, [await rowsAt(cluster, 'counts_left', pinned), await rowsAt(cluster, 'counts_right', pinned)]);
      pinned.release();
    }
    const sums = [...seen.values()].map((sides) => sides.flat().reduce((sum, row) => sum + Number(row.split(' ')[1]), 0));
    expect(sums).toEqual(Array.from({ length: 12 }, (_, row) => row + 1));
    await cluster.close();
    const again = await made.start(jobs);
    const pinned = await again.pin(['counts_left', 'counts_right'], 0);
    expect([await rowsAt(again, 'counts_left', pinned), await rowsAt(again, 'counts_right', pinned)]).toEqual([...seen.values()].at(-1));
    await again.close();
  });
});

function rowBatch(row: number): Batch {
  return batchFromRows(TEST_TYPES, [[BigInt(row % 4), 1n, BigInt(row)]]);
}
