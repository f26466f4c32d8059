import { type Random, silentLogger } from '../../base/index.ts';
import type { StateLimits } from '../durable/index.ts';
import { type Habits, ModelWorkload, type Observed } from './model-workload.ts';
import { openSimulatedStore, smallLimits } from './open-simulated-store.ts';
import type { SimulatedDisk } from './simulated-disk.ts';

/** One way to use a data directory, from an empty one on. What it was owed is noted. */
export interface StorageWorkload {
  readonly name: string;
  run(disk: SimulatedDisk, observed: Observed, random: Random): Promise<void>;
}

const EPOCHS = 12;

interface Openings {
  /** Epochs before the directory is closed and opened again. */
  readonly epochs: number;
  readonly count: number;
  /** False: it is left as it is, as by a process that was killed. */
  readonly closed: boolean;
}

const once: Openings = { epochs: EPOCHS, count: 1, closed: true };

/** Workloads that between them go through every kind of file and every protocol of a data directory. */
export const storageWorkloads: readonly StorageWorkload[] = [
  workload('writes, records and checkpoints', {}),
  workload('writes alone', { checkpointEvery: EPOCHS + 1 }),
  workload('large writes in many files', { writeBytes: 900 }),
  workload('a checkpoint each epoch', { checkpointEvery: 1, unconfirmedEvery: 3 }),
  workload('many keys', { keys: 300 }),
  workload('operators that come and go', { dropEvery: 2 }),
  workload('confirmations that get lost', { unconfirmedEvery: 1 }),
  workload('confirmations that overlap with the next checkpoint', { overlapping: true, checkpointEvery: 1 }),
  workload('opened again and again', {}, { epochs: 4, count: 3, closed: true }),
  workload('killed again and again', {}, { epochs: 4, count: 3, closed: false }),
  workload('checked while snapshots are made', { checks: true }, once, { segmentsMax: 2 }),
];

function workload(name: string, habits: Partial<Habits>, openings = once, limits: Partial<StateLimits> = {}): StorageWorkload {
  return {
    name,
    run: async (disk, observed, random) => {
      for (let opening = 0; opening < openings.count; opening++) {
        const store = await openSimulatedStore(disk, silentLogger, { limits: { ...smallLimits, ...limits } });
        try {
          await new ModelWorkload(store, observed, random, habits).run(openings.epochs);
        } finally {
          if (openings.closed) await store.close().catch(() => undefined);
        }
      }
    },
  };
}
