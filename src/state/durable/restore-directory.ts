import { SqlError, SqlState, type Storage } from '../../base/index.ts';
import type { KeyValueStoreFactory } from '../leveldb/index.ts';
import { folders, RESTORING } from './directory-format.ts';

/** Says which savepoint a directory was made of, once it is. */
const RESTORED = 'RESTORED';

/**
 * Makes the directory ready to become what a savepoint says. False: it has become that already, and has gone on since. Errors: 55000 when it is in use for
 * something else. What an interrupted restore has left is taken away.
 */
export async function beginRestore(storage: Storage, keyValueStore: KeyValueStoreFactory, savepoint: string): Promise<boolean> {
  await storage.makeDirectory('');
  if (await storage.exists(RESTORED)) {
    if (new TextDecoder().decode(await storage.readAll(RESTORED)) === savepoint) return false;
    throw inUse('It was made of another savepoint.');
  }
  if (await storage.exists(RESTORING)) {
    await keyValueStore.destroy();
    await discard(storage);
  }
  const [first] = (await storage.list('')).filter((name) => !name.startsWith('LOCK') && name !== 'base');
  if (first !== undefined) throw inUse(`It holds "${first}".`);
  const file = await storage.open(RESTORING, 'create');
  try {
    await file.append(new TextEncoder().encode(savepoint));
    await file.sync();
  } finally {
    await file.close();
  }
  await storage.syncDirectory('');
  return true;
}

/** From here on the directory is one like any other. */
export async function endRestore(storage: Storage): Promise<void> {
  await storage.rename(RESTORING, RESTORED);
  await storage.syncDirectory('');
}

/** The mark goes last, so that this can begin again. */
async function discard(storage: Storage): Promise<void> {
  for (const folder of Object.values(folders)) {
    if (!(await storage.exists(folder))) continue;
    for (const name of await storage.list(folder)) await storage.remove(`${folder}/${name}`);
    await storage.removeDirectory(folder);
  }
  const names = (await storage.list('')).filter((name) => name.startsWith('FORMAT') || name.startsWith('incarnation-'));
  for (const name of [...names, RESTORING]) await storage.remove(name);
  await storage.syncDirectory('');
}

function inUse(detail: string): SqlError {
  return new SqlError({
    code: SqlState.objectNotInPrerequisiteState,
    message: 'a savepoint can only be restored into a new data directory',
    detail,
    hint: 'Name a directory that is empty or does not exist yet, or leave --from-savepoint out to go on with this one.',
    class: 'user',
  });
}
