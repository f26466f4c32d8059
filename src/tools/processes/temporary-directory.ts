import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made = new Set<string>();
process.on('exit', () => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

/** A directory that is removed when the test run ends. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fsql-process-'));
  made.add(directory);
  return directory;
}
