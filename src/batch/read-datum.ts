import type { Datum } from '../types/index.ts';
import type { Batch } from './batch.ts';
import { type Column, isNull } from './column.ts';
import { decodeValue } from './value-codec.ts';

/** The value of one row as the interpreter sees it. An edge function: it allocates. */
export function readDatum(column: Column, row: number): Datum | null {
  if (isNull(column, row)) return null;
  if (column.storage === 'bytes') return decodeValue(column.type, column.data, { start: column.starts[row]!, end: column.ends[row]! });
  if (column.storage === 'float') return column.f64[row]!;
  switch (column.type.kind) {
    case 'bool':
      return column.i32[2 * row] !== 0;
    case 'int2':
    case 'int4':
    case 'date':
      return column.i32[2 * row]!;
    case 'int8':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return column.i64[row]!;
    default:
      return Number(column.i64[row]!);
  }
}

/** All rows as values, weights left out. */
export function rowsOf(batch: Batch): (Datum | null)[][] {
  const rows: (Datum | null)[][] = [];
  for (let row = 0; row < batch.rowCount; row++) rows.push(batch.columns.map((column) => readDatum(column, row)));
  return rows;
}
