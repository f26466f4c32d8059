import { type ScriptPrimitive, SqlError, SqlState } from '../../base/index.ts';
import {
  type ArrayDatum,
  type Datum,
  type Decimal,
  formatDatum,
  formatType,
  type MapDatum,
  makeMap,
  parseDatum,
  type RowDatum,
  type SqlType,
} from '../../types/index.ts';

/** A value as JSON. */
type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

/** Arrays, rows, maps and jsonb reach the code as what their JSON says. */
export function isStructured(type: SqlType): boolean {
  return type.kind === 'array' || type.kind === 'row' || type.kind === 'map' || type.kind === 'jsonb';
}

/**
 * An argument: booleans, and numbers as numbers (an int8 beyond 2^53 as a bigint, a numeric as the nearest double); structured types as JSON; all others
 * as their text.
 */
export function toScript(value: Datum | null, type: SqlType): ScriptPrimitive {
  if (value === null) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return type.kind === 'date' ? formatDatum(type, value) : value;
  if (type.kind === 'int8') return Number.isSafeInteger(Number(value as bigint)) ? Number(value as bigint) : (value as bigint);
  if (isStructured(type)) return JSON.stringify(toPlain(value, type));
  if (type.kind === 'numeric') return numberOf(value as Decimal);
  return typeof value === 'string' ? value : formatDatum(type, value);
}

/** The same inside of JSON, where a number it does not have is its text. */
export function toPlain(value: Datum | null, type: SqlType): Plain {
  if (value === null) return null;
  switch (type.kind) {
    case 'array':
      return (value as ArrayDatum).elements.map((element) => toPlain(element, type.element));
    case 'row': {
      const { fields } = value as RowDatum;
      return Object.fromEntries(type.fields.map((field, index) => [field.name, toPlain(fields[index] ?? null, field.type)]));
    }
    case 'map': {
      const { keys, values } = value as MapDatum;
      return Object.fromEntries(keys.map((key, index) => [formatDatum(type.key, key), toPlain(values[index]!, type.value)]));
    }
    case 'jsonb':
      return JSON.parse(value as string) as Plain;
    default: {
      const given = toScript(value, type);
      const isJson = typeof given !== 'bigint' && (typeof given !== 'number' || Number.isFinite(given));
      return isJson ? given : String(given);
    }
  }
}

function numberOf(value: Decimal): number {
  return value.special === undefined ? Number(`${value.mantissa}e-${value.scale}`) : Number(value.special);
}

/** What a call gave (see ScriptCall) in the declared type. Errors: 38000 for what was thrown, 42804 and those of a text's conversion. */
export function fromScript(given: ScriptPrimitive, type: SqlType, name: string): Datum | null {
  return fromPlain(plainOf(given, name), type, name);
}

/** A result without its mark. */
export function plainOf(given: ScriptPrimitive, name: string): Plain | bigint {
  if (typeof given !== 'string') return given;
  const rest = given.slice(1);
  if (given.startsWith('e')) throw new SqlError({ code: SqlState.externalRoutineException, message: `function ${name} failed: ${rest}` });
  return given.startsWith('s') ? rest : (JSON.parse(rest) as Plain);
}

export function fromPlain(value: Plain | bigint, type: SqlType, name: string): Datum | null {
  if (value === null) return null;
  switch (type.kind) {
    case 'bool':
      return typeof value === 'boolean' ? value : refuse(value, type, name);
    case 'int2':
    case 'int4':
    case 'int8':
      return integerOf(value, type, name);
    case 'float4':
    case 'float8':
    case 'numeric':
      return typeof value === 'number' || typeof value === 'bigint' || (typeof value === 'string' && type.kind === 'numeric')
        ? parseDatum(type, String(value))
        : refuse(value, type, name);
    case 'jsonb':
      return parseDatum(type, typeof value === 'bigint' ? String(value) : JSON.stringify(value));
    case 'array':
      return Array.isArray(value)
        ? { elements: (value as readonly Plain[]).map((element) => fromPlain(element, type.element, name)) }
        : refuse(value, type, name);
    case 'row':
      return rowFrom(value, type, name);
    case 'map':
      if (typeof value !== 'object' || Array.isArray(value)) return refuse(value, type, name);
      return makeMap(
        type,
        Object.entries(value).map(([key, member]) => [parseDatum(type.key, key), fromPlain(member, type.value, name)]),
      );
    default:
      return typeof value === 'string' ? parseDatum(type, value) : refuse(value, type, name);
  }
}

function integerOf(value: Plain | bigint, type: SqlType, name: string): Datum {
  if (typeof value === 'bigint') return parseDatum(type, String(value));
  if (typeof value !== 'number' || !Number.isInteger(value)) return refuse(value, type, name);
  return parseDatum(type, String(BigInt(value)));
}

/** An object by names, a list by position; what is missing is NULL. */
function rowFrom(value: Plain | bigint, type: Extract<SqlType, { kind: 'row' }>, name: string): RowDatum {
  if (typeof value !== 'object' || value === null) return refuse(value, type, name);
  const fieldOf = (fieldName: string, index: number): Plain =>
    (Array.isArray(value) ? (value as readonly Plain[])[index] : (value as { readonly [key: string]: Plain })[fieldName]) ?? null;
  return { fields: type.fields.map((field, index) => fromPlain(fieldOf(field.name, index), field.type, name)) };
}

function refuse(value: unknown, type: SqlType, name: string): never {
  const what = Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `the ${typeof value} ${shortText(value)}`;
  throw new SqlError({
    code: SqlState.datatypeMismatch,
    message: `function ${name} returned ${what}, which is no ${formatType(type)}`,
  });
}

const SHOWN_CHARACTERS_MAX = 40;

function shortText(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text;
}
