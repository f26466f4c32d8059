import { type Clock, type DirectoryLock, type Logger, SqlError, SqlState, type Storage } from '../../base/index.ts';
import { damagedFile } from '../damage.ts';
import type { KeyValueStoreFactory } from '../leveldb/index.ts';
import type { StateStore } from '../state-store.ts';
import { AppendLog } from './append-log.ts';
import { Base } from './base.ts';
import { folders, prepareDirectory } from './directory-format.ts';
import { DurableCatalogLog } from './durable-catalog-log.ts';
import { DurableStateStore, type StoreLogs } from './durable-state-store.ts';
import { EpochLog } from './epoch-log.ts';
import { Incarnation, removeTemporaries } from './incarnation.ts';
import { Lease, type StandbyOptions, waitForLock } from './lease.ts';
import type { Manifest } from './manifest.ts';
import { ManifestChain } from './manifest-chain.ts';
import { type Recovered, recover } from './recovery.ts';
import { beginRestore, endRestore } from './restore-directory.ts';
import { removeUnneeded } from './retention.ts';
import { defaultLimits, type StateLimits } from './state-limits.ts';

export interface StateStoreOptions {
  /** The data directory. */
  readonly storage: Storage;
  /** Where the base is kept: the folder `base` of the data directory, which nothing else touches. */
  readonly keyValueStore: KeyValueStoreFactory;
  readonly lock: DirectoryLock;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits?: Partial<StateLimits>;
  /** Waits for a directory in use, and takes it over from who shows no life any more; absent: 55006. */
  readonly standby?: StandbyOptions | undefined;
  /** Another server has taken the directory over: nothing more will be acknowledged. */
  readonly lost?: ((error: SqlError) => void) | undefined;
}

/** A directory that is taken over is read so often at most; each time what went meanwhile is not looked for again. */
const OPEN_ATTEMPTS_MAX = 5;

/**
 * Opens a data directory, or makes one of an empty directory, and brings it to its newest sound checkpoint. Throws 55006 when another server
 * holds it, 55000 when it is somebody else's or of a newer version, XX001 naming the file when it is damaged beyond the retained
 * checkpoints. The lock is held until the store is closed.
 */
export async function openStateStore(options: StateStoreOptions): Promise<StateStore> {
  await (options.standby === undefined ? options.lock.acquire() : waitForLock(options, options.standby));
  try {
    return await openWhileRemoved(options);
  } catch (error) {
    await options.lock.release().catch(() => undefined);
    throw error;
  }
}

/** Who has held the directory before may still be in the middle of removing what it had done with: a file may be gone that was just listed. */
async function openWhileRemoved(options: StateStoreOptions): Promise<StateStore> {
  for (let attempt = 1; ; attempt++) {
    const closing: (() => Promise<void>)[] = [];
    try {
      return await openLocked(options, closing);
    } catch (error) {
      for (const close of closing.reverse()) await close().catch(() => undefined);
      const gone = error instanceof SqlError && error.code === SqlState.undefinedFile;
      if (!gone || options.standby === undefined || attempt === OPEN_ATTEMPTS_MAX) throw error;
      options.logger.log('warn', 'a file of the data directory went while it was read: it is read again', { error: error.message });
    }
  }
}

/**
 * Lets `work` fill a new data directory through a store of its own. The directory counts as made when that is done, and until then as nothing; `savepoint` names what it is
 * made of. False: it was made of that before. Errors: 55000 when the directory is not new, and those of openStateStore.
 */
export async function restoreStateStore(options: StateStoreOptions, savepoint: string, work: (store: StateStore) => Promise<void>): Promise<boolean> {
  const { storage, keyValueStore, lock } = options;
  await lock.acquire();
  try {
    if (!(await beginRestore(storage, keyValueStore, savepoint))) return false;
    const closing: (() => Promise<void>)[] = [];
    try {
      const store = await openLocked({ ...options, lock: heldAlready }, closing, true);
      closing.splice(0, closing.length, () => store.close());
      await work(store);
    } finally {
      for (const close of closing.reverse()) await close();
    }
    await endRestore(storage);
    return true;
  } finally {
    await lock.release();
  }
}

const heldAlready: DirectoryLock = {
  acquire: async () => undefined,
  seize: async () => undefined,
  announce: async () => undefined,
  release: async () => undefined,
};

async function openLocked(options: StateStoreOptions, closing: (() => Promise<void>)[], restoring = false): Promise<StateStore> {
  const { storage, clock, logger } = options;
  const limits: StateLimits = { ...defaultLimits, ...options.limits };
  const startedMs = clock.monotonicMs();
  await prepareDirectory(storage, { restoring });
  const incarnation = await Incarnation.claim(storage, (error) => options.lost?.(error));
  closing.push(() => incarnation.close());
  const lease = await Lease.begin(incarnation, clock);
  closing.push(async () => lease.end());
  await removeTemporaries(storage, [folders.manifests, folders.epochs, folders.embedded, folders.catalog], incarnation);
  const logs = await openLogs(storage, incarnation, limits.logFileBytes);
  closing.push(() => closeLogs(logs));
  const base = new Base(options.keyValueStore);
  closing.push(() => base.close());
  const chain = new ManifestChain(storage, folders.manifests, incarnation);
  const recovered = await recover({ storage, chain, base, logger, retained: limits.retainedCheckpoints });
  const newest = recovered.retained[0]?.manifest ?? null;
  if (newest !== null) checkLogs(logs, newest, recovered.damaged);
  await incarnation.raiseAbove(highestIncarnation(recovered, logs));
  await sweep(storage, chain, { recovered, incarnation: incarnation.number });
  const checkpoint = newest?.record.epoch ?? 0;
  logger.log('info', 'the data directory is open', { incarnation: incarnation.number, checkpoint, ms: Math.round(clock.monotonicMs() - startedMs) });
  const release = async (): Promise<void> => {
    lease.end();
    await incarnation.close();
    await options.lock.release();
  };
  return new DurableStateStore({ storage, chain, base, logger, limits, logs, recovered, incarnation, lease, release });
}

async function openLogs(storage: Storage, incarnation: Incarnation, fileBytes: number): Promise<StoreLogs> {
  const place = { storage, incarnation };
  const epochs = await EpochLog.open({ ...place, folder: folders.epochs, name: 'epochs', fileBytes });
  const embedded = await AppendLog.open({ ...place, folder: folders.embedded, name: 'embedded', fileBytes });
  const catalog = await DurableCatalogLog.open({ ...place, folder: folders.catalog, name: 'catalog', fileBytes: Number.POSITIVE_INFINITY });
  return { epochs, embedded, catalog };
}

async function closeLogs({ epochs, embedded, catalog }: StoreLogs): Promise<void> {
  await epochs.log.close();
  await embedded.close();
  await catalog.log.close();
}

/**
 * A log never ends before where it was known to end, and begins with what is needed at the latest. How far the log of stored tables had been
 * cut is written in the newest manifest alone, so it cannot be told when an older one is restored.
 */
function checkLogs(logs: StoreLogs, manifest: Manifest, damaged: boolean): void {
  const { logEnds, logFloors, recordPosition, sequence } = manifest;
  const check = (folder: string, log: AppendLog, known: { end: number; floor: number }): void => {
    if (log.lastPosition < known.end) {
      throw damagedFile(folder, null, `the log ends with record ${log.lastPosition}, but manifest ${sequence} knows of record ${known.end}`);
    }
    if (log.firstPosition > known.floor + 1) throw damagedFile(folder, null, `records ${known.floor + 1} to ${log.firstPosition - 1} are missing`);
  };
  check(folders.epochs, logs.epochs.log, { end: logEnds.epochs, floor: recordPosition });
  check(folders.embedded, logs.embedded, { end: logEnds.embedded, floor: damaged ? logs.embedded.lastPosition : logFloors.embedded });
  check(folders.catalog, logs.catalog.log, { end: logEnds.catalog, floor: 0 });
}

function highestIncarnation(recovered: Recovered, { epochs }: StoreLogs): number {
  const known = [...recovered.retained.map(({ manifest }) => manifest.incarnation), ...epochs.recordsAfter(0).map((record) => record.incarnation)];
  return known.reduce((highest, incarnation) => Math.max(highest, incarnation), 0);
}

/** Only after a clean recovery: what a damaged manifest names may still be of use. */
async function sweep(storage: Storage, chain: ManifestChain, opened: { recovered: Recovered; incarnation: number }): Promise<void> {
  const { retained, damaged } = opened.recovered;
  if (!damaged) await removeUnneeded(storage, chain, { retained, through: Number.POSITIVE_INFINITY, incarnation: opened.incarnation, keep: null });
}
