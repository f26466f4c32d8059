import { resolve } from 'node:path';
import { nodeStorage } from '../base/adapters/node-storage.ts';
import type { SavepointPlaces } from '../session/index.ts';
import { Savepoint } from '../state/index.ts';

/** Savepoints on this machine's disk; a path without a root begins in the working directory. */
export const nodeSavepoints: SavepointPlaces = { absolute: (path) => resolve(path), open: (path) => nodeStorage(path) };

/** The savepoint in a directory. Errors: 58P01 when it holds none, 55000, XX001. */
export function openSavepoint(path: string): Promise<Savepoint> {
  const place = resolve(path);
  return Savepoint.open(nodeStorage(place), place);
}
