import { SqlState } from '../../../../base/index.ts';
import {
  absDecimal,
  ceilDecimal,
  type Decimal,
  decimalToFloat8,
  decimalToInteger,
  floorDecimal,
  formatDatum,
  formatDecimal,
  formatJson,
  isJsonArray,
  isJsonObject,
  JsonNumber,
  type JsonValue,
  jsonTypeName,
  parseDatum,
  parseJson,
  type SqlType,
} from '../../../../types/index.ts';
import type { PathMethod } from './json-path.ts';
import { PathError } from './path-error.ts';

const ROUNDINGS: Partial<Record<PathMethod, (value: Decimal) => Decimal>> = { abs: absDecimal, floor: floorDecimal, ceiling: ceilDecimal };

const NUMBER_TYPES: Partial<Record<PathMethod, SqlType>> = {
  double: { kind: 'float8' },
  number: { kind: 'numeric', precision: null, scale: null },
  integer: { kind: 'int4' },
  bigint: { kind: 'int8' },
};

/** What a method makes of one item that is not an array, or of an array where it takes one. Errors: 22036 and the like. */
export function applyMethod(method: PathMethod, item: JsonValue, lax: boolean): JsonValue {
  if (method === 'type') return jsonTypeName(item);
  if (method === 'size') return sizeOf(item, lax);
  const rounding = ROUNDINGS[method];
  if (rounding !== undefined) {
    if (!(item instanceof JsonNumber)) throw wrongItem(method, 'a numeric value');
    return new JsonNumber(formatDecimal(rounding(item.decimal())));
  }
  const type = NUMBER_TYPES[method];
  if (type !== undefined) return numberOf(method, type, item);
  return method === 'boolean' ? booleanOf(item) : stringOf(item);
}

function sizeOf(item: JsonValue, lax: boolean): JsonValue {
  if (isJsonArray(item)) return new JsonNumber(String(item.length));
  if (lax) return new JsonNumber('1');
  throw new PathError(SqlState.sqlJsonArrayNotFound, 'jsonpath item method .size() can only be applied to an array');
}

function numberOf(method: PathMethod, type: SqlType, item: JsonValue): JsonValue {
  if (!(item instanceof JsonNumber) && typeof item !== 'string') throw wrongItem(method, 'a string or numeric value');
  try {
    if (typeof item !== 'string') return new JsonNumber(exactNumber(type, item.decimal()));
    const text = formatDatum(type, parseDatum(type, item));
    if (/[naNI]/.test(text))
      throw new PathError(SqlState.nonNumericSqlJsonItem, `NaN or Infinity is not allowed for jsonpath item method .${method}()`);
    return parseJson(text);
  } catch (cause) {
    if (cause instanceof PathError) throw cause;
    const shown = typeof item === 'string' ? item : item.text;
    throw new PathError(
      SqlState.nonNumericSqlJsonItem,
      `argument "${shown}" of jsonpath item method .${method}() is invalid for type ${typeNames[method] ?? method}`,
    );
  }
}

const typeNames: Partial<Record<PathMethod, string>> = { double: 'double precision', number: 'numeric' };

function exactNumber(type: SqlType, value: Decimal): string {
  switch (type.kind) {
    case 'float8':
      return (parseJson(formatDatum(type, decimalToFloat8(value))) as JsonNumber).text;
    case 'int8':
      return String(decimalToInteger(value, 'bigint'));
    case 'int4':
      return String(decimalToInteger(value, 'integer'));
    default:
      return formatDecimal(value);
  }
}

function booleanOf(item: JsonValue): boolean {
  if (typeof item === 'boolean') return item;
  if (item instanceof JsonNumber && /^-?\d+$/.test(item.text)) return item.text !== '0';
  if (typeof item === 'string' && /^\s*(?:t|tr|tru|true|y|ye|yes|on|1)\s*$/i.test(item)) return true;
  if (typeof item === 'string' && /^\s*(?:f|fa|fal|fals|false|n|no|of|off|0)\s*$/i.test(item)) return false;
  if (item instanceof JsonNumber || typeof item === 'string') {
    const shown = typeof item === 'string' ? item : item.text;
    throw new PathError(SqlState.nonNumericSqlJsonItem, `argument "${shown}" of jsonpath item method .boolean() is invalid for type boolean`);
  }
  throw wrongItem('boolean', 'a boolean, string, or numeric value');
}

function stringOf(item: JsonValue): string {
  if (item === null || isJsonArray(item) || isJsonObject(item)) throw wrongItem('string', 'a boolean, string, numeric, or datetime value');
  return typeof item === 'string' ? item : formatJson(item);
}

function wrongItem(method: PathMethod, wanted: string): PathError {
  return new PathError(SqlState.nonNumericSqlJsonItem, `jsonpath item method .${method}() can only be applied to ${wanted}`);
}
