import { SqlError, SqlState } from '../../base/index.ts';
import {
  type ArrayDatum,
  type Datum,
  type DatumFormatOptions,
  formatDatum,
  formatType,
  type MapDatum,
  makeMap,
  parseDatum,
  type RowDatum,
  type SqlType,
} from '../../types/index.ts';
import type { Value } from './api.ts';

/** A value of a result, as TypeScript has it; texts in the session's style. */
export function toValue(datum: Datum | null, type: SqlType, style: DatumFormatOptions): Value {
  if (datum === null) return null;
  switch (type.kind) {
    case 'bool':
    case 'int2':
    case 'int4':
    case 'int8':
    case 'oid':
    case 'float4':
    case 'float8':
    case 'text':
    case 'varchar':
    case 'bytea':
      return datum as boolean | number | bigint | string | Uint8Array;
    case 'jsonb':
      return JSON.parse(datum as string) as Value;
    case 'array':
      return (datum as ArrayDatum).elements.map((element) => toValue(element, type.element, style));
    case 'row':
      return Object.fromEntries(
        type.fields.map(({ name, type: field }, index) => [name, toValue((datum as RowDatum).fields[index] ?? null, field, style)]),
      );
    case 'map': {
      const { keys, values } = datum as MapDatum;
      return new Map(keys.map((key, index) => [toValue(key, type.key, style), toValue(values[index]!, type.value, style)]));
    }
    default:
      return formatDatum(type, datum, style);
  }
}

/**
 * A parameter in the type it is wanted in; times without a zone are in the session's. What JavaScript has not given is NULL. Errors: 22023 for a value that
 * cannot be one, those of a text's conversion.
 */
export function toDatum(value: Value | undefined, type: SqlType, timeZone: string): Datum | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'function' || typeof value === 'symbol') return refuse(value, type);
  if (type.kind === 'jsonb') return parseDatum(type, JSON.stringify(value));
  if (value instanceof Uint8Array) return type.kind === 'bytea' ? value : refuse(value, type);
  if (typeof value !== 'object') return parseDatum(type, String(value), { timeZone });
  const part = (member: Value | undefined, wanted: SqlType): Datum | null => toDatum(member, wanted, timeZone);
  if (type.kind === 'array')
    return Array.isArray(value) ? { elements: value.map((element: Value) => part(element, type.element)) } : refuse(value, type);
  if (type.kind === 'map') {
    const pairs: Iterable<readonly [Value, Value]> = value instanceof Map ? value : Object.entries(value);
    return makeMap(
      type,
      [...pairs].map(([key, member]) => [part(key, type.key), part(member, type.value)]),
    );
  }
  if (type.kind !== 'row' || Array.isArray(value)) return refuse(value, type);
  const fields = value as { readonly [name: string]: Value };
  return { fields: type.fields.map((field) => part(fields[field.name], field.type)) };
}

function refuse(value: unknown, type: SqlType): never {
  throw new SqlError({ code: SqlState.invalidParameterValue, message: `${kindOf(value)} is no value of type ${formatType(type)}` });
}

function kindOf(value: unknown): string {
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
  if (Array.isArray(value)) return 'an array';
  return value instanceof Uint8Array ? 'bytes' : 'an object';
}
