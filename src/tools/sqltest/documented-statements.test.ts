import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../../sql-tests/documented');
const STATEMENTS_MIN = 60;

/** What stands behind each `# documented: Page, section` of a folder. */
function documented(system: string): { readonly page: string; readonly directive: string }[] {
  return readdirSync(join(root, system)).flatMap((file) => {
    const lines = readFileSync(join(root, system, file), 'utf8').split('\n');
    return lines.flatMap((line, index) => {
      const page = /^# documented: (.+)$/.exec(line)?.[1];
      return page === undefined ? [] : [{ page, directive: lines[index + 1] ?? '' }];
    });
  });
}

test.each(['flink', 'ksqldb', 'risingwave'])(`at least ${STATEMENTS_MIN} statements of the documentation of %s run`, (system) => {
  const statements = documented(system);
  expect(statements.length).toBeGreaterThanOrEqual(STATEMENTS_MIN);
  for (const { page, directive } of statements) expect(`${page}: ${directive}`).toMatch(/: (statement ok|query( rowsort)?)$/);
});
