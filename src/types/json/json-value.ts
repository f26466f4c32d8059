import type { Decimal } from '../datum.ts';
import { parseDecimal } from '../numeric/decimal-text.ts';
import { compareDecimals } from '../numeric/index.ts';
import { compareText } from '../text/utf8.ts';

/** A number of a JSON document with all its digits, in numeric's text form (1e2 is 100). */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  decimal(): Decimal {
    return parseDecimal(this.text);
  }
}

/** Members in jsonb's order: shorter keys first, then by bytes; no key twice. */
export type JsonObject = ReadonlyMap<string, JsonValue>;

export type JsonValue = null | boolean | string | JsonNumber | readonly JsonValue[] | JsonObject;

export function isJsonArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

export function isJsonObject(value: JsonValue): value is JsonObject {
  return value instanceof Map;
}

/** jsonb_typeof. */
export function jsonTypeName(value: JsonValue): 'null' | 'boolean' | 'string' | 'number' | 'array' | 'object' {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'string') return 'string';
  if (value instanceof JsonNumber) return 'number';
  return isJsonArray(value) ? 'array' : 'object';
}

/** The object of these members; a later one replaces an earlier one of the same key. */
export function jsonObject(members: Iterable<readonly [string, JsonValue]>): JsonObject {
  const last = new Map(members);
  return new Map([...last].sort((a, b) => compareKeys(a[0], b[0])));
}

/** jsonb's key order: byte length, then bytes. */
function compareKeys(left: string, right: string): number {
  return Buffer.byteLength(left) - Buffer.byteLength(right) || compareText(left, right);
}

/** PostgreSQL's btree order of jsonb: Object > Array > Boolean > Number > String > Null; longer containers are greater. */
export function compareJson(left: JsonValue, right: JsonValue): number {
  const rank = typeRank(left) - typeRank(right);
  if (rank !== 0) return emptyArrayRank(left, right) ?? rank;
  if (left instanceof JsonNumber && right instanceof JsonNumber) return compareDecimals(left.decimal(), right.decimal());
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  if (isArrayPair(left, right)) return compareArrays(left, right as readonly JsonValue[]);
  if (left !== null && isJsonObject(left)) return compareObjects(left, right as JsonObject);
  return 0;
}

function isArrayPair(left: JsonValue, right: JsonValue): left is readonly JsonValue[] {
  return isJsonArray(left) && isJsonArray(right);
}

/** For historical reasons an empty array sorts below everything, as PostgreSQL documents. */
function emptyArrayRank(left: JsonValue, right: JsonValue): number | null {
  if (isJsonArray(left) && left.length === 0) return -1;
  if (isJsonArray(right) && right.length === 0) return 1;
  return null;
}

function compareArrays(left: readonly JsonValue[], right: readonly JsonValue[]): number {
  if (left.length !== right.length) return left.length - right.length;
  for (let i = 0; i < left.length; i++) {
    const order = compareJson(left[i]!, right[i]!);
    if (order !== 0) return order;
  }
  return 0;
}

function compareObjects(left: JsonObject, right: JsonObject): number {
  if (left.size !== right.size) return left.size - right.size;
  const others = right.entries();
  for (const [key, value] of left) {
    const [otherKey, otherValue] = others.next().value as [string, JsonValue];
    const order = compareText(key, otherKey) || compareJson(value, otherValue);
    if (order !== 0) return order;
  }
  return 0;
}

const RANKS = { null: 0, string: 1, number: 2, boolean: 3, array: 4, object: 5 } as const;

function typeRank(value: JsonValue): number {
  return RANKS[jsonTypeName(value)];
}
