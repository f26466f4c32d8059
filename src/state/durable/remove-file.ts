import { SqlError, SqlState, type Storage } from '../../base/index.ts';

/** Removes what is needed by nobody; a server that sleeps and wakes may have done so already. */
export async function removeFile(storage: Storage, name: string): Promise<void> {
  try {
    await storage.remove(name);
  } catch (error) {
    if (!(error instanceof SqlError) || error.code !== SqlState.undefinedFile) throw error;
  }
}
