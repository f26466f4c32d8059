import { join } from 'node:path';
import { nodeDirectoryLock } from '../base/adapters/node-directory-lock.ts';
import { nodeStorage } from '../base/adapters/node-storage.ts';
import type { Clock, DirectoryLock, Logger, SqlError } from '../base/index.ts';
import { plansOfSavepoint } from '../cluster/index.ts';
import {
  levelStoreFactory,
  openStateStore,
  restoreSavepoint,
  restoreStateStore,
  type StandbyOptions,
  type StateStore,
  type StateStoreOptions,
} from '../state/index.ts';
import { openSavepoint } from './node-savepoints.ts';

/** A data directory of this process. */
export interface OpenDirectory {
  readonly stateStore: StateStore;
  /** Lets whoever finds the directory in use know where to connect. */
  readonly lock: DirectoryLock;
}

export interface DirectoryOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly standby?: StandbyOptions | undefined;
  readonly lost?: ((error: SqlError) => void) | undefined;
  /** The savepoint that a new directory begins with; undefined: none. */
  readonly fromSavepoint?: string | undefined;
}

/** Opens a data directory on this machine's disk. A module of its own, because LevelDB is loaded only where state is kept. */
export async function openDirectory(dataDir: string, { fromSavepoint, ...parts }: DirectoryOptions): Promise<OpenDirectory> {
  const lock = nodeDirectoryLock(dataDir);
  const options: StateStoreOptions = {
    storage: nodeStorage(dataDir),
    keyValueStore: levelStoreFactory(join(dataDir, 'base')),
    lock,
    ...parts,
  };
  if (fromSavepoint !== undefined) await restore(options, fromSavepoint);
  return { stateStore: await openStateStore(options), lock };
}

/** All of the savepoint is checked before anything is made of it. */
async function restore(options: StateStoreOptions, path: string): Promise<void> {
  const { logger } = options;
  const savepoint = await openSavepoint(path);
  await savepoint.requireSound();
  const { manifest } = savepoint;
  const made = await restoreStateStore(options, savepoint.sha256, (store) =>
    restoreSavepoint(savepoint, store, plansOfSavepoint(savepoint.manifest.jobs)),
  );
  if (!made) {
    logger.log('info', 'the data directory was made of this savepoint before, and goes on', { savepoint: savepoint.place });
    return;
  }
  const jobs = manifest.jobs.map(({ name }) => name).join(', ');
  logger.log('info', 'the data directory was made of a savepoint', { savepoint: savepoint.place, epoch: manifest.epoch, jobs });
}
