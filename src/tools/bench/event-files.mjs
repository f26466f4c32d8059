import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { nexmarkPieces } from '../nexmark/nexmark-events.mjs';

/** Writes the file of events unless it is there; renamed into place whole. */
export async function eventFile(path, count, uniformKeys = 0) {
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}`;
  const file = createWriteStream(partial);
  for (const lines of nexmarkPieces(count, { uniformKeys })) {
    if (!file.write(`${lines.join('\n')}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
  renameSync(partial, path);
  return path;
}
