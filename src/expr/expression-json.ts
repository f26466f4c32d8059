import { SqlError, SqlState } from '../base/index.ts';
import type { ArrayDatum, Datum, Decimal, Interval, MapDatum, RowDatum } from '../types/index.ts';
import type { Expression } from './expression.ts';

/** The JSON values an expression becomes; the same shape as jobgraph's Json, which lies beside this folder. */
export type ExpressionJson = null | boolean | number | string | readonly ExpressionJson[] | { readonly [key: string]: ExpressionJson };

/**
 * An expression as JSON. Nodes keep their field names; a literal's value is tagged (`{"int8":"1"}`), because JSON knows no big integers, bytes
 * or special floats. Source spans are left out: they belong to the statement, and equal expressions must give equal JSON (operator ids
 * are hashes of it).
 */
export function expressionToJson(expression: Expression): ExpressionJson {
  return encodeNode(expression) as ExpressionJson;
}

/** The inverse of expressionToJson. */
export function expressionFromJson(json: ExpressionJson): Expression {
  if (json === null || typeof json !== 'object' || Array.isArray(json) || typeof (json as { kind?: unknown }).kind !== 'string') throw damaged();
  return decodeNode(json) as Expression;
}

/** A datum as tagged JSON; null is null. */
export function datumToJson(value: Datum | null): ExpressionJson {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0) ? value : { float: Object.is(value, -0) ? '-0' : String(value) };
  if (typeof value === 'bigint') return { bigint: String(value) };
  if (value instanceof Uint8Array) return { bytes: toHex(value) };
  if ('mantissa' in value) return value.special ? { decimal: value.special } : { decimal: String(value.mantissa), scale: value.scale };
  if ('micros' in value) return { months: value.months, days: value.days, micros: String(value.micros) };
  if ('elements' in value) return { elements: value.elements.map(datumToJson) };
  if ('keys' in value) return { keys: value.keys.map(datumToJson), values: value.values.map(datumToJson) };
  return { fields: value.fields.map(datumToJson) };
}

/** The inverse of datumToJson. */
export function datumFromJson(json: ExpressionJson): Datum | null {
  if (json === null || typeof json !== 'object') return json;
  const value = json as { readonly [key: string]: ExpressionJson };
  if ('float' in value) return value.float === '-0' ? -0 : Number(value.float);
  if ('bigint' in value) return BigInt(value.bigint as string);
  if ('bytes' in value) return fromHex(value.bytes as string);
  if ('decimal' in value) return decimalFromJson(value);
  if ('micros' in value) {
    const interval: Interval = { months: value.months as number, days: value.days as number, micros: BigInt(value.micros as string) };
    return interval;
  }
  if ('elements' in value) {
    const array: ArrayDatum = { elements: (value.elements as ExpressionJson[]).map(datumFromJson) };
    return array;
  }
  if ('fields' in value) {
    const row: RowDatum = { fields: (value.fields as ExpressionJson[]).map(datumFromJson) };
    return row;
  }
  if ('keys' in value) {
    const map: MapDatum = {
      keys: (value.keys as ExpressionJson[]).map((key) => datumFromJson(key) as Datum),
      values: (value.values as ExpressionJson[]).map(datumFromJson),
    };
    return map;
  }
  throw damaged();
}

function decimalFromJson(value: { readonly [key: string]: ExpressionJson }): Decimal {
  const text = value.decimal as string;
  if (text === 'NaN' || text === 'Infinity' || text === '-Infinity') return { mantissa: 0n, scale: 0, special: text };
  return { mantissa: BigInt(text), scale: value.scale as number };
}

/** A generic walk rather than a switch a kind: every field of a node is a node, a list of nodes, a type or a primitive, except a literal's value. */
function encodeNode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(encodeNode);
  if (value === null || typeof value !== 'object') return value;
  const result: Record<string, unknown> = {};
  const literal = (value as { kind?: unknown }).kind === 'literal' && 'value' in value;
  for (const [key, field] of Object.entries(value)) {
    if (key === 'span' || field === undefined) continue;
    if (key === 'plan') throw new Error('assertion failed: a subquery cannot become JSON, it has to be planned away first');
    result[key] = literal && key === 'value' ? datumToJson(field as Datum | null) : encodeNode(field);
  }
  return result;
}

function decodeNode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decodeNode);
  if (value === null || typeof value !== 'object') return value;
  const result: Record<string, unknown> = {};
  const literal = (value as { kind?: unknown }).kind === 'literal';
  for (const [key, field] of Object.entries(value)) {
    result[key] = literal && key === 'value' ? datumFromJson(field as ExpressionJson) : decodeNode(field);
  }
  return result;
}

function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(text.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

function damaged(): SqlError {
  return new SqlError({ code: SqlState.dataCorrupted, message: 'damaged expression in a job graph' });
}
