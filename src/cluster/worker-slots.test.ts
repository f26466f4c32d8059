import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../base/adapters/system-clock.ts';
import { seededRandom } from '../base/index.ts';
import { batchFromRows } from '../batch/index.ts';
import { MemoryDirectory, openMemoryStateStore } from '../state/index.ts';
import { type Cluster, createCluster, type JobRequest, workerSlots } from './index.ts';
import { contentOf, copyView, countView, generatedRow, rowsAt, sourceJob, tableJob } from './testing/index.ts';
import { TEST_TYPES } from './testing/test-source.ts';

let folder = '';
let file = '';
const workers: Worker[] = [];

beforeAll(async () => {
  // Inside the package, so that the bundle finds the packages it leaves out.
  const cache = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(join(cache, 'fsql-slots-'));
  file = join(folder, 'worker.mjs');
  const entry = fileURLToPath(new URL('./testing/slot-worker-main.ts', import.meta.url));
  await build({
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

function start(directory: MemoryDirectory, options: { slots: number; jobs?: readonly JobRequest[]; channelBytes?: number }): Promise<Cluster> {
  workers.length = 0;
  return createCluster({
    stateStore: openMemoryStateStore(directory),
    launcher: workerSlots((launch) => {
      const worker = new Worker(file, { workerData: launch });
      workers.push(worker);
      return worker;
    }),
    clock: systemClock,
    random: seededRandom(1),
    slots: options.slots,
    epochIntervalMs: 20,
    checkpointIntervalMs: 100,
    thoroughChecks: true,
    jobs: options.jobs ?? [],
    ...(options.channelBytes === undefined ? {} : { channelBytes: options.channelBytes }),
  });
}

/** Count view over the generated rows of two splits of `end` rows each. */
function expectedCounts(end: number): string[] {
  const groups = new Map<bigint, [bigint, bigint]>();
  for (let split = 0; split < 2; split++) {
    for (let offset = 0; offset < end; offset++) {
      const [key, value] = generatedRow(split, offset);
      const [count, sum] = groups.get(key) ?? [0n, 0n];
      groups.set(key, [count + 1n, sum + value]);
    }
  }
  return [...groups].map(([key, [count, sum]]) => `${key} ${count} ${sum}`).sort();
}

describe('slots in worker threads', () => {
  for (const channelBytes of [1024 * 1024, 4096]) {
    it(`exchange rows through rings of ${channelBytes} bytes and finish bounded input`, async () => {
      const cluster = await start(new MemoryDirectory(), { slots: 2, channelBytes });
      const source = sourceJob({ relation: 't', topic: null, partitions: 2, parallelism: 2, end: 8_000 });
      await cluster.deploy(source.graph, source.source);
      for (const view of [countView('counts_a', ['t'], 2), copyView('pairs_b', 't', { fields: [0, 1], parallelism: 2 })])
        await cluster.deploy(view.graph, view.source);
      const onView = countView('counts_c', ['pairs_b'], 2);
      await cluster.deploy(onView.graph, onView.source);
      await cluster.jobFinished('job-counts_a');
      await cluster.jobFinished('job-counts_c');
      expect((await contentOf(cluster, 'counts_a')).rows).toEqual(expectedCounts(8_000));
      expect((await contentOf(cluster, 'counts_c')).rows).toEqual(expectedCounts(8_000));
      expect(cluster.jobs().find((job) => job.name === 'counts_a')!.rowsIn).toBe(16_000);
      await cluster.close();
    });
  }

  it('answer reads of two views at one epoch under load, across a lost thread and a crash', async () => {
    const directory = new MemoryDirectory();
    const jobs = [
      sourceJob({ relation: 't', topic: null, partitions: 2, parallelism: 2, end: 60_000 }),
      countView('counts_a', ['t'], 2),
      copyView('pairs_b', 't', { fields: [0, 1], parallelism: 2 }),
      countView('counts_c', ['pairs_b'], 2),
    ];
    let cluster = await start(directory, { slots: 2 });
    for (const { graph, source } of jobs) await cluster.deploy(graph, source);
    let newest = 0;
    const compare = async (): Promise<void> => {
      const pinned = await cluster.pin(['counts_a', 'counts_c'], 0);
      expect(pinned.epoch).toBeGreaterThanOrEqual(newest);
      newest = pinned.epoch;
      try {
        const rows = await rowsAt(cluster, 'counts_c', pinned);
        expect(rows).toEqual(await rowsAt(cluster, 'counts_a', pinned));
      } catch (error) {
        // A thread was lost in the middle of the read: an error that says so, never other rows.
        if (!/interrupted by its restart|not retained any more/.test((error as Error).message)) throw error;
      } finally {
        pinned.release();
      }
    };
    for (let read = 0; read < 8; read++) await compare();
    await workers[1]!.terminate();
    for (let read = 0; read < 5; read++) await compare();
    expect(cluster.jobs().some((job) => job.restarts > 0)).toBe(true);
    await cluster.close();
    cluster = await start(directory, { slots: 2, jobs });
    for (let read = 0; read < 5; read++) await compare();
    await cluster.close();
  });

  it('show a write as soon as it has returned', async () => {
    const cluster = await start(new MemoryDirectory(), { slots: 2 });
    const table = tableJob('ta', 2);
    await cluster.deploy(table.graph, table.source);
    for (let value = 1n; value <= 50n; value++) {
      const epoch = await cluster.write([{ relation: 'ta', batch: batchFromRows(TEST_TYPES, [[value, value, 0n]]) }]);
      expect((await contentOf(cluster, 'ta', epoch)).rows.length).toBe(Number(value));
    }
    await cluster.close();
  });
});
