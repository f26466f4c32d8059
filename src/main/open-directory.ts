import { join } from 'node:path';
import { nodeDirectoryLock } from '../base/adapters/node-directory-lock.ts';
import { nodeStorage } from '../base/adapters/node-storage.ts';
import type { Clock, DirectoryLock, Logger, SqlError } from '../base/index.ts';
import { levelStoreFactory, openStateStore, type StandbyOptions, type StateStore } from '../state/index.ts';

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
}

/** Opens a data directory on this machine's disk. A module of its own, because LevelDB is loaded only where state is kept. */
export async function openDirectory(dataDir: string, options: DirectoryOptions): Promise<OpenDirectory> {
  const lock = nodeDirectoryLock(dataDir);
  const stateStore = await openStateStore({
    storage: nodeStorage(dataDir),
    keyValueStore: levelStoreFactory(join(dataDir, 'base')),
    lock,
    ...options,
  });
  return { stateStore, lock };
}
