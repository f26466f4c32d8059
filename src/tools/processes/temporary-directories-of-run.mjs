import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Vitest's global set-up: one directory for all temporary ones of a run, which goes with the run. Vitest ends its workers without telling them, so nothing of them
 * can be relied on to tidy up.
 */
export default function ofRun() {
  const directory = mkdtempSync(join(tmpdir(), 'fsql-tests-'));
  process.env.FSQL_TEST_DIRECTORY = directory;
  return () => rmSync(directory, { recursive: true, force: true });
}
