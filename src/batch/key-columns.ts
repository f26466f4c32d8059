import { applyTypeModifier, canonicalKeyBytes, hasModifier, needsCanonicalKey } from '../types/index.ts';
import type { Batch } from './batch.ts';
import { type BytesColumn, type Column, FixedColumn, isNull } from './column.ts';
import { ColumnBuilder } from './column-builder.ts';
import { readDatum } from './read-datum.ts';

/**
 * The key columns in canonical form: equal SQL values are equal bytes. Most types are so by nature and pass as they are;
 * floats (0 = -0, one NaN) and bytes types with several spellings of one value (numeric 1.0 = 1.00) are rewritten.
 */
export function keyColumns(batch: Batch, indices: readonly number[]): Column[] {
  return indices.map((index) => canonicalKeyColumn(batch.columns[index]!, batch.rowCount));
}

export function canonicalKeyColumn(column: Column, rowCount: number): Column {
  if (column.storage === 'float') return canonicalFloats(column, rowCount);
  if (column.storage === 'bytes' && needsCanonicalKey(column.type)) return canonicalBytes(column, rowCount);
  return column;
}

/**
 * Key values as a query shows them: the canonical form drops trailing zeros and blanks that the column's type modifier asks for
 * (numeric(10,2), char(4)). A numeric without a scale stays canonical: which of its spellings came first is nobody's fact.
 */
export function presentableKeyColumn(column: Column, rowCount: number): Column {
  if (column.storage !== 'bytes' || !needsCanonicalKey(column.type) || !hasModifier(column.type)) return column;
  const builder = new ColumnBuilder(column.type, rowCount);
  for (let row = 0; row < rowCount; row++) {
    const datum = readDatum(column, row);
    builder.append(datum === null ? null : applyTypeModifier(column.type, datum, true));
  }
  return builder.finish();
}

function canonicalFloats(column: FixedColumn, rowCount: number): FixedColumn {
  const { f64 } = column;
  const { i32 } = column;
  let row = 0;
  for (; row < rowCount; row++) {
    const value = f64[row]!;
    if (value === 0 && i32[2 * row + 1] !== 0) break;
    if (Number.isNaN(value) && !(i32[2 * row] === 0 && i32[2 * row + 1] === 0x7ff80000)) break;
  }
  if (row === rowCount) return column;
  const slots = f64.slice(0, rowCount);
  const words = new Int32Array(slots.buffer);
  for (; row < rowCount; row++) {
    const value = slots[row]!;
    if (value === 0) words[2 * row + 1] = 0;
    if (Number.isNaN(value)) {
      words[2 * row] = 0;
      words[2 * row + 1] = 0x7ff80000;
    }
  }
  return new FixedColumn(column.type, slots, column.valid);
}

function canonicalBytes(column: BytesColumn, rowCount: number): Column {
  const builder = new ColumnBuilder(column.type, rowCount);
  for (let row = 0; row < rowCount; row++) {
    if (isNull(column, row)) builder.appendNull();
    else {
      const bytes = canonicalKeyBytes(column.type, column.data, column.starts[row]!, column.ends[row]!);
      builder.appendBytes(bytes, 0, bytes.length);
    }
  }
  return builder.finish();
}
