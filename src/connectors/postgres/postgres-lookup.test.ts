import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLogger } from '../../base/index.ts';
import { batchFromRows, rowsOf } from '../../batch/index.ts';
import { RealPostgres } from '../../functions/testing/real-postgres.ts';
import type { EdgeColumn } from '../../jobgraph/index.ts';
import { standingClock } from '../../state/testing/index.ts';
import { type Datum, formatDatum, int4Type, int8Type, numericType, type SqlType, textType } from '../../types/index.ts';
import { PostgresLookup } from './postgres-lookup.ts';

const START_TIMEOUT_MS = 120_000;
const id: EdgeColumn = { name: 'id', type: int4Type };

let server: RealPostgres;

beforeAll(async () => {
  server = await RealPostgres.start();
  await server.run(`
    CREATE TABLE customers (id int PRIMARY KEY, "Name" text, credit numeric, born date, tags text[], seen timestamptz, code char(4), doc jsonb, region varchar(3));
    INSERT INTO customers VALUES (1, 'ada', 10.50, '1815-12-10', '{a,"b c"}', '2024-01-01 00:00:00+02', 'ab', '{"x": 1}', 'eu'), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'us'),
      (3, 'cid', 7, NULL, NULL, NULL, 'ab', NULL, 'eu');
    CREATE SCHEMA other; CREATE TABLE other.things (k int, v text); INSERT INTO other.things VALUES (1, 'a'), (1, 'b')`);
}, START_TIMEOUT_MS);
afterAll(async () => server.stop());

function lookupOf(columns: readonly EdgeColumn[], keys: readonly EdgeColumn[], more: Readonly<Record<string, string>> = {}): PostgresLookup {
  const address = {
    url: `jdbc:postgresql://127.0.0.1:${server.port}/postgres`,
    username: 'postgres',
    password: 'postgres',
    'table-name': 'customers',
  };
  return new PostgresLookup({ options: new Map(Object.entries({ ...address, ...more })), columns, keys, clock: standingClock, logger: silentLogger });
}

/** Rows as texts behind the number of their key, and what is wrong with others. */
async function found(
  lookup: PostgresLookup,
  columns: readonly EdgeColumn[],
  types: readonly SqlType[],
  keys: readonly (readonly Datum[])[],
): Promise<string[]> {
  const { rows, keyOf, failures } = await lookup.lookup(batchFromRows(types, keys));
  await lookup.close();
  const shown = rowsOf(rows).map((row, at) => {
    const texts = row.map((value, index) => (value === null ? 'NULL' : formatDatum(columns[index]!.type, value)));
    return `${keyOf[at]}: ${texts.join(' ')}`;
  });
  return [...shown, ...[...failures].map(([key, error]) => `${key}: ${error.code} ${error.message}`)];
}

test('rows come with values of all kinds, under the names of the table', async () => {
  const columns: EdgeColumn[] = [
    id,
    { name: 'Name', type: textType },
    { name: 'credit', type: { kind: 'numeric', precision: 10, scale: 1 } },
    { name: 'born', type: { kind: 'date' } },
    { name: 'tags', type: { kind: 'array', element: textType } },
    { name: 'seen', type: { kind: 'timestamptz', precision: 6 } },
    { name: 'doc', type: { kind: 'jsonb' } },
  ];
  const lookup = lookupOf(columns, [id]);
  await lookup.open();
  expect(await found(lookup, columns, [int4Type], [[9], [2], [1]])).toEqual([
    '1: 2 NULL NULL NULL NULL NULL NULL',
    '2: 1 ada 10.5 1815-12-10 {a,"b c"} 2023-12-31 22:00:00+00 {"x": 1}',
  ]);
});

test('keys are compared as values, whatever their types allow', async () => {
  expect(await found(lookupOf([id], [{ name: 'id', type: int8Type }]), [id], [int8Type], [[5_000_000_000n], [3n]])).toEqual(['1: 3']);
  const numeric = lookupOf([id], [{ name: 'id', type: numericType }]);
  expect((await numeric.lookup(batchFromRows([int4Type], [[1]]))).keyOf).toEqual(Int32Array.of(0));
  await numeric.close();
  const short: SqlType = { kind: 'varchar', length: 1 };
  expect(await found(lookupOf([id], [{ name: 'Name', type: short }]), [id], [textType], [['ada']])).toEqual(['0: 1']);
  const two = [
    { name: 'code', type: { kind: 'char', length: 4 } as const },
    { name: 'region', type: textType },
  ];
  expect(
    await found(
      lookupOf([id], two),
      [id],
      [textType, textType],
      [
        ['ab', 'eu'],
        ['ab', 'us'],
        ["'", '"'],
      ],
    ),
  ).toEqual(['0: 1', '0: 3']);
});

test('a table may have several rows of a key, and a schema', async () => {
  const columns = [{ name: 'v', type: textType }];
  const lookup = lookupOf(columns, [{ name: 'k', type: int4Type }], { 'table-name': 'other.things' });
  expect(await found(lookup, columns, [int4Type], [[1]])).toEqual(['0: a', '0: b']);
});

test('a value that is none of the declared type is told of its key alone', async () => {
  const columns = [{ name: 'Name', type: int4Type }];
  expect(await found(lookupOf(columns, [id]), columns, [int4Type], [[1], [2]])).toEqual([
    '1: NULL',
    '0: 22P02 column "Name" of the row looked up: invalid input syntax for type integer: "ada"',
  ]);
});

test('what cannot be asked is said when it is opened', async () => {
  const opened = async (lookup: PostgresLookup): Promise<void> => lookup.open().finally(() => lookup.close());
  await expect(opened(lookupOf([id], [id], { 'table-name': 'customer' }))).rejects.toMatchObject({ code: '42P01', class: 'user' });
  await expect(opened(lookupOf([{ name: 'name', type: textType }], [id]))).rejects.toMatchObject({ code: '42703' });
  await expect(opened(lookupOf([id], [{ name: 'id', type: textType }]))).rejects.toMatchObject({ code: '42883' });
  await expect(opened(lookupOf([id], [id], { url: 'postgres://127.0.0.1:1/x' }))).rejects.toMatchObject({ code: '08006', class: 'external' });
});

test('after a lost connection it asks over another one', async () => {
  const lookup = lookupOf([id], [id]);
  await lookup.open();
  await server.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fsql'");
  const question = batchFromRows([int4Type], [[1]]);
  await expect(lookup.lookup(question)).rejects.toMatchObject({ class: 'external' });
  expect((await lookup.lookup(question)).keyOf).toEqual(Int32Array.of(0));
  await lookup.close();
});
