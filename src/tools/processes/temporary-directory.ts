import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory that is removed when the test run ends (temporary-directories-of-run.mjs). */
export function temporaryDirectory(): string {
  return mkdtempSync(join(process.env.FSQL_TEST_DIRECTORY ?? tmpdir(), 'process-'));
}
