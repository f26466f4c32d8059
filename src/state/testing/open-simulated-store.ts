import { type Clock, type DirectoryLock, type Logger, silentLogger } from '../../base/index.ts';
import { openStateStore, restoreStateStore, type StateLimits, type StateStoreOptions } from '../durable/index.ts';
import type { StateStore } from '../state-store.ts';
import type { SimulatedDisk } from './simulated-disk.ts';

/** Limits under which a short run goes through everything: new log files, snapshots, merges, deletions. */
export const smallLimits: StateLimits = {
  retainedCheckpoints: 3,
  segmentsMax: 7,
  snapshotBytesMin: 4_000,
  segmentShareMax: 0.5,
  compactionBytesMax: 4_000,
  logFileBytes: 600,
};

const unlocked: DirectoryLock = {
  acquire: async () => undefined,
  seize: async () => undefined,
  announce: async () => undefined,
  release: async () => undefined,
};

/** Time that never passes: timers do not fire. */
export const standingClock: Clock = {
  nowMicros: () => 0n,
  monotonicMs: () => 0,
  after: () => ({ cancel: () => undefined }),
  every: () => ({ cancel: () => undefined }),
};

/** Opens the store of a simulated disk. */
export function openSimulatedStore(disk: SimulatedDisk, logger: Logger = silentLogger, others: Partial<StateStoreOptions> = {}): Promise<StateStore> {
  return openStateStore({ ...optionsOf(disk, logger), ...others });
}

/** Makes the directory of a simulated disk through `work`; see restoreStateStore. */
export function restoreSimulatedStore(disk: SimulatedDisk, savepoint: string, work: (store: StateStore) => Promise<void>): Promise<boolean> {
  return restoreStateStore(optionsOf(disk, silentLogger), savepoint, work);
}

function optionsOf(disk: SimulatedDisk, logger: Logger): StateStoreOptions {
  return {
    storage: disk.storage(),
    keyValueStore: disk.keyValueStore(),
    lock: unlocked,
    clock: standingClock,
    logger,
    limits: smallLimits,
  };
}
