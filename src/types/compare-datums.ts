import { assert } from '../base/index.ts';
import type { ArrayDatum, Datum, Decimal, Interval, MapDatum, RowDatum } from './datum.ts';
import { compareJson, parseJson } from './json/index.ts';
import { compareDecimals } from './numeric/index.ts';
import type { SqlType } from './sql-type.ts';
import { arrayLeaves, isNestedArray } from './text/array-text.ts';
import { compareBytes, compareText } from './text/utf8.ts';
import { compareIntervals } from './time/index.ts';
import { innermostElement } from './type-name.ts';

/**
 * PostgreSQL's btree order: negative, zero or positive. NaN equals NaN and is above every number; -0 equals 0; texts compare by their UTF-8
 * bytes (collation "C", the only one); char ignores trailing blanks; intervals compare by span with months of 30 days; NULL elements of
 * arrays and rows are greater than any value.
 */
export function compareDatums(type: SqlType, left: Datum, right: Datum): number {
  switch (type.kind) {
    case 'float4':
    case 'float8':
      return compareFloats(left as number, right as number);
    case 'numeric':
      return compareDecimals(left as Decimal, right as Decimal);
    case 'interval':
      return compareIntervals(left as Interval, right as Interval);
    case 'char':
      return compareText(trimBlanks(left as string), trimBlanks(right as string));
    case 'bytea':
      return compareBytes(left as Uint8Array, right as Uint8Array);
    case 'jsonb':
      return left === right ? 0 : compareJson(parseJson(left as string), parseJson(right as string));
    case 'array':
      return compareArrays(innermostElement(type), left as ArrayDatum, right as ArrayDatum);
    case 'row':
      return compareRows(
        type.fields.map((field) => field.type),
        left as RowDatum,
        right as RowDatum,
      );
    case 'map':
      return compareMaps(type, left as MapDatum, right as MapDatum);
    case 'text':
    case 'varchar':
    case 'name':
    case 'internal_char':
    case 'unknown':
    case 'uuid':
    case 'void':
      return compareText(left as string, right as string);
    default:
      // Booleans, numbers and bigints compare natively: false is below true.
      return left < right ? -1 : left > right ? 1 : 0;
  }
}

export function datumsEqual(type: SqlType, left: Datum, right: Datum): boolean {
  return compareDatums(type, left, right) === 0;
}

/** NaN is equal to itself and above infinity. */
export function compareFloats(left: number, right: number): number {
  if (left < right) return -1;
  if (left > right) return 1;
  if (left === right) return 0;
  return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
}

/** Blanks at the end of a char(n) carry no meaning. */
export function trimBlanks(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0x20) end--;
  return end === text.length ? text : text.slice(0, end);
}

/** Value by value whatever the dimensions, then by the number of values, of dimensions, and by the lengths of these, as PostgreSQL does. */
function compareArrays(element: SqlType, left: ArrayDatum, right: ArrayDatum): number {
  const leftValues = arrayLeaves(left);
  const rightValues = arrayLeaves(right);
  const length = Math.min(leftValues.length, rightValues.length);
  for (let i = 0; i < length; i++) {
    const order = compareNullable(element, leftValues[i]!, rightValues[i]!);
    if (order !== 0) return order;
  }
  return leftValues.length - rightValues.length || compareShapes(lengthsOf(left), lengthsOf(right));
}

/** The lengths of an array's dimensions, from the outermost. */
function lengthsOf({ elements }: ArrayDatum): number[] {
  const first = elements[0] ?? null;
  return [elements.length, ...(isNestedArray(first) ? lengthsOf(first) : [])];
}

function compareShapes(left: readonly number[], right: readonly number[]): number {
  if (left.length !== right.length) return left.length - right.length;
  const at = left.findIndex((length, dimension) => length !== right[dimension]);
  return at < 0 ? 0 : left[at]! - right[at]!;
}

function compareRows(types: readonly SqlType[], left: RowDatum, right: RowDatum): number {
  assert(left.fields.length === right.fields.length, 'rows of one type have equally many fields');
  for (let i = 0; i < types.length; i++) {
    const order = compareNullable(types[i]!, left.fields[i]!, right.fields[i]!);
    if (order !== 0) return order;
  }
  return 0;
}

/** Pair by pair: the key decides first, then the value; of two maps one of which begins the other the shorter is below. */
function compareMaps(type: Extract<SqlType, { kind: 'map' }>, left: MapDatum, right: MapDatum): number {
  const length = Math.min(left.keys.length, right.keys.length);
  for (let i = 0; i < length; i++) {
    const order = compareDatums(type.key, left.keys[i]!, right.keys[i]!) || compareNullable(type.value, left.values[i]!, right.values[i]!);
    if (order !== 0) return order;
  }
  return left.keys.length - right.keys.length;
}

function compareNullable(type: SqlType, left: Datum | null, right: Datum | null): number {
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  return compareDatums(type, left, right);
}
