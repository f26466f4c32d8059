import { expect, test } from 'vitest';
import type { SqlType } from './sql-type.ts';
import { widens } from './widens.ts';

const numeric = (precision: number | null, scale: number | null): SqlType => ({ kind: 'numeric', precision, scale });
const varchar = (length: number | null): SqlType => ({ kind: 'varchar', length });
const timestamp = (precision: number): SqlType => ({ kind: 'timestamp', precision });
const [int2, int4, int8, float4, float8, text] = (['int2', 'int4', 'int8', 'float4', 'float8', 'text'] as const).map(
  (kind): SqlType => ({ kind }),
) as [SqlType, SqlType, SqlType, SqlType, SqlType, SqlType];

test.each<[SqlType, SqlType]>([
  [int2, int4],
  [int4, int8],
  [int4, float8],
  [int2, float4],
  [float4, float8],
  [int8, numeric(null, null)],
  [int4, numeric(12, 2)],
  [numeric(10, 2), numeric(12, 2)],
  [numeric(10, 2), numeric(12, 4)],
  [numeric(10, 2), numeric(null, null)],
  [varchar(10), varchar(20)],
  [varchar(10), text],
  [varchar(null), text],
  [text, varchar(null)],
  [timestamp(3), timestamp(6)],
  [
    { kind: 'array', element: int4 },
    { kind: 'array', element: int8 },
  ],
])('%j has all its values in %j, and not the other way round', (from, to) => {
  expect(widens(from, to)).toBe(true);
  const equivalent = [from.kind, to.kind].includes('text') && [from, to].some((type) => type.kind === 'varchar' && type.length === null);
  expect(widens(to, from)).toBe(equivalent);
});

test.each<[SqlType, SqlType]>([
  [int8, float8],
  [int4, float4],
  [int4, numeric(11, 2)],
  [numeric(10, 2), numeric(11, 4)],
  [numeric(null, null), numeric(38, 10)],
  [text, varchar(10)],
  [int4, text],
  [timestamp(6), { kind: 'timestamptz', precision: 6 }],
])('%j loses something in %j', (from, to) => {
  expect(widens(from, to)).toBe(false);
});
