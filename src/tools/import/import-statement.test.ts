import fc from 'fast-check';
import { expect, test } from 'vitest';
import { settingList } from '../../session/index.ts';
import { parseStatement, printStatement } from '../../sql/index.ts';
import { importDialects } from './dialects.ts';
import { importStatement } from './index.ts';

test.each([
  [
    'mysql',
    'SELECT a AS x, `t`.`b`, 1.50 FROM shop.orders AS t LEFT JOIN u ON t.id = u.id',
    'SELECT a AS x, t.b, 1.50 FROM shop.orders AS t LEFT JOIN u ON t.id = u.id',
  ],
  ['mysql', 'SELECT a FROM t WHERE x = 1 OR y = 2 AND NOT (z) = 3', 'SELECT a FROM t WHERE x = 1 OR y = 2 AND NOT (z) = 3'],
  [
    'mysql',
    "SELECT IFNULL(a, 'it''s') FROM t ORDER BY a DESC, b LIMIT 5, 10",
    "SELECT COALESCE(a, 'it''s') FROM t ORDER BY a DESC NULLS LAST, b NULLS FIRST LIMIT 10 OFFSET 5",
  ],
  ['mysql', 'SELECT 0.1234567890123456789 AS tiny', 'SELECT 0.1234567890123456789 AS tiny'],
  ['mysql', "INSERT INTO t (a, b) VALUES (1, 'x'), (2, NULL)", "INSERT INTO t (a, b) VALUES (1, 'x'), (2, NULL)"],
  [
    'mysql',
    'CREATE TABLE IF NOT EXISTS t (id INT NOT NULL PRIMARY KEY, v VARCHAR(20), at DATETIME)',
    'CREATE TABLE IF NOT EXISTS t (id INTEGER NOT NULL PRIMARY KEY, v VARCHAR(20), at TIMESTAMP)',
  ],
  [
    'bigquery',
    'SELECT SAFE_CAST(a AS INT64), COUNT(DISTINCT x) FROM t WHERE EXISTS (SELECT 1) GROUP BY a',
    'SELECT TRY_CAST(a AS BIGINT), COUNT(DISTINCT x) FROM t WHERE EXISTS (SELECT 1) GROUP BY a',
  ],
  [
    'snowflake',
    'WITH x AS (SELECT 1 AS a) SELECT a, row_number() OVER (PARTITION BY a ORDER BY b DESC) AS rn FROM x UNION ALL SELECT 2, -3',
    'WITH x AS (SELECT 1 AS a) SELECT a, row_number() OVER (PARTITION BY a ORDER BY b DESC NULLS FIRST) AS rn FROM x UNION ALL SELECT 2, -3',
  ],
  [
    'transactsql',
    'SELECT TOP 5 [a b], c FROM [dbo].[t] WHERE a <> 1 OR b = 2 AND c = 3',
    'SELECT "a b", c FROM "dbo"."t" WHERE a <> 1 OR b = 2 AND c = 3 LIMIT 5',
  ],
  ['hive', 'SELECT CAST(a AS STRING) FROM t WHERE a = true', 'SELECT CAST(a AS TEXT) FROM t WHERE a = true'],
])('%s: %s', async (dialect, source, expected) => {
  const own = printStatement(parseStatement(expected));
  expect((await importStatement(source, dialect)).text.replaceAll('"', '')).toBe(own.replaceAll('"', ''));
});

/** Reviewed: what the parser reads wrongly or drops, or what means something else here, is an error at its place. */
test.each([
  ['mysql', 'SELECT a / b FROM t', '0A000', 9],
  ['mysql', 'SELECT a || b FROM t', '0A000', 9],
  ['mysql', 'SELECT a FROM t WHERE a = b IN (c, 7)', '0A000', 28],
  ['mysql', "SELECT 'c:\\\\temp'", '0A000', 7],
  ['mysql', 'SELECT a XOR b FROM t', '0A000', 9],
  ['mysql', 'SELECT a <=> b FROM t', '42601', undefined],
  ['mysql', "SELECT date_format(a, '%Y') FROM t", '0A000', 7],
  ['mysql', 'SELECT a FROM t FOR UPDATE', '0A000', undefined],
  ['mysql', 'SELECT * FROM t JOIN u', '0A000', undefined],
  ['mysql', 'SELEC a FROM t', '42601', undefined],
  ['mysql', 'DROP TABLE t', '0A000', 0],
  ['bigquery', 'SELECT 1 FROM `p.d.t`', '0A000', 14],
  ['snowflake', 'SELECT a:b FROM t', '0A000', undefined],
  ['transactsql', 'SELECT TOP 5 PERCENT a FROM t', '0A000', undefined],
  ['mysql', 'SELECT 0.1234567890123456789, 0.12345678901234567891', '0A000', undefined],
  ['klingon', 'SELECT 1', '22023', undefined],
])('%s: %s is refused', async (dialect, source, code, position) => {
  const error = await importStatement(source, dialect).then(
    ({ text }) => new Error(`gave ${text}`),
    (failure: unknown) => failure,
  );
  expect(error).toMatchObject({ code });
  if (position !== undefined) expect(error).toMatchObject({ position });
});

test('SET sql_dialect offers the dialects there are', () => {
  const { choices } = settingList.find((setting) => setting.name === 'sql_dialect')!;
  expect(choices!.filter((choice) => !['postgres', 'flink', 'ksqldb'].includes(choice))).toEqual(Object.keys(importDialects));
});

test('a text that would take minutes is cut off', async () => {
  const nested = `${'('.repeat(40)}a=1${' AND b=2)'.repeat(40)}`;
  await expect(importStatement(`SELECT 1 FROM t WHERE ${nested}`, 'redshift')).rejects.toMatchObject({ code: '54001' });
}, 20_000);

const { condition } = fc.letrec<{ condition: string; value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom('a', 'b', 't.c', '1', '2.50', "'x'"),
    fc.tuple(tie('value'), fc.constantFrom('+', '-', '*', '%'), tie('value')).map((parts) => parts.join(' ')),
  ),
  condition: fc.oneof(
    { maxDepth: 3 },
    fc.tuple(tie('value'), fc.constantFrom('=', '<>', '<', '>='), tie('value')).map((parts) => parts.join(' ')),
    tie('value').map((value) => `${value} IS NOT NULL`),
    fc.tuple(tie('value'), tie('value')).map(([left, right]) => `${left} IN (${right}, 7)`),
    fc.tuple(tie('value'), tie('value')).map(([left, right]) => `${left} BETWEEN ${right} AND 9`),
    fc.tuple(tie('condition'), fc.constantFrom('AND', 'OR'), tie('condition')).map((parts) => parts.join(' ')),
    tie('condition').map((inner) => `NOT (${inner})`),
    tie('condition').map((inner) => `(${inner})`),
  ),
}));

test('what both grammars read, they read alike', async () => {
  for (const dialect of ['mysql', 'snowflake', 'transactsql', 'hive', 'trino']) {
    for (const where of fc.sample(condition, { numRuns: 12, seed: 20_261 })) {
      const source = `SELECT a FROM t WHERE ${where}`;
      expect(`${where} => ${withoutDoubles((await importStatement(source, dialect)).text)}`).toBe(
        `${where} => ${withoutDoubles(printStatement(parseStatement(source)))}`,
      );
    }
  }
}, 120_000);

/** One pair of parentheses around parentheses says nothing. */
function withoutDoubles(text: string): string {
  const shorter = text.replaceAll(/\(\(([^()]*)\)\)/g, '($1)');
  return shorter === text ? text : withoutDoubles(shorter);
}
