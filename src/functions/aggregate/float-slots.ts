import { type Column, FixedColumn } from '../../batch/index.ts';
import type { SqlType } from '../../types/index.ts';

export const float8Type: SqlType = { kind: 'float8' };
export const int8Type: SqlType = { kind: 'int8' };
export const byteaType: SqlType = { kind: 'bytea' };
export const numericType: SqlType = { kind: 'numeric', precision: null, scale: null };

/** The array with room for `needed` entries; new ones are zero. */
export function grownFloat64(array: Float64Array<ArrayBuffer>, needed: number): Float64Array<ArrayBuffer> {
  if (needed <= array.length) return array;
  const grown = new Float64Array(Math.max(needed, array.length * 2, 64));
  grown.set(array);
  return grown;
}

/** Slots of `groups[0..count)` as a float8 column: how counters and limbs are saved, exact whatever they hold. */
export function saveSlots(slots: Float64Array, groups: Int32Array, count: number): Column {
  const saved = new Float64Array(count);
  for (let index = 0; index < count; index++) saved[index] = slots[groups[index]!]!;
  return new FixedColumn(float8Type, saved, null);
}

export function loadSlots(slots: Float64Array, groups: Int32Array, count: number, column: Column): void {
  const saved = (column as FixedColumn).f64;
  for (let index = 0; index < count; index++) slots[groups[index]!] = saved[index]!;
}

export function mergeSlots(slots: Float64Array, groups: Int32Array, count: number, column: Column): void {
  const saved = (column as FixedColumn).f64;
  for (let index = 0; index < count; index++) slots[groups[index]!]! += saved[index]!;
}
