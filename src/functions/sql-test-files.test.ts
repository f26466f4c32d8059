import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { aggregateFunctions, scalarFunctions, tableFunctions } from './index.ts';
import { sqlTestFiles } from './testing/sql-test-files.ts';

const folder = fileURLToPath(new URL('../../sql-tests/', import.meta.url));

/** After a change of examples: `npx vitest run src/functions/sql-test-files.test.ts -u` writes the files anew. */
test('sql-tests/functions holds the examples of every definition', async () => {
  for (const { path, text } of sqlTestFiles()) {
    await expect(text, path).toMatchFileSnapshot(join(folder, 'functions', path));
  }
});

test('every function is called somewhere in sql-tests', () => {
  expect(existsSync(folder)).toBe(true);
  const texts = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.slt'))
    .map((name) => readFileSync(join(folder, name), 'utf8').toLowerCase());
  const all = texts.join('\n');
  const words = new Set(all.match(/[a-z_][a-z0-9_]*/g));
  const missing = [...scalarFunctions, ...aggregateFunctions, ...tableFunctions]
    .map((definition) => definition.name)
    .filter((name) => (/^[a-z_]/.test(name) ? !words.has(name) : !all.includes(name)));
  expect([...new Set(missing)]).toEqual([]);
});
