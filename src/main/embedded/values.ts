import { SqlError, SqlState } from '../../base/index.ts';
import {
  type ArrayDatum,
  type Datum,
  formatDatum,
  formatType,
  type MapDatum,
  makeMap,
  parseDatum,
  type RowDatum,
  type SqlType,
} from '../../types/index.ts';
import type { Value } from './api.ts';

/** A value of a result, as TypeScript has it. */
export function toValue(datum: Datum | null, type: SqlType): Value {
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
      return (datum as ArrayDatum).elements.map((element) => toValue(element, type.element));
    case 'row':
      return Object.fromEntries(type.fields.map(({ name, type: field }, index) => [name, toValue((datum as RowDatum).fields[index] ?? null, field)]));
    case 'map': {
      const { keys, values } = datum as MapDatum;
      return new Map(keys.map((key, index) => [toValue(key, type.key), toValue(values[index]!, type.value)]));
    }
    default:
      return formatDatum(type, datum, { timeZone: 'UTC' });
  }
}

/** A parameter in the type it is wanted in. Errors: 22023 for a value that cannot be one, those of a text's conversion. */
export function toDatum(value: Value, type: SqlType): Datum | null {
  if (value === null) return null;
  if (type.kind === 'jsonb') return parseDatum(type, JSON.stringify(value));
  if (value instanceof Uint8Array) return type.kind === 'bytea' ? value : refuse(value, type);
  if (typeof value !== 'object') return parseDatum(type, String(value));
  if (type.kind === 'array')
    return Array.isArray(value) ? { elements: value.map((element: Value) => toDatum(element, type.element)) } : refuse(value, type);
  if (type.kind === 'map') {
    const pairs: Iterable<readonly [Value, Value]> = value instanceof Map ? value : Object.entries(value);
    return makeMap(
      type,
      [...pairs].map(([key, member]) => [toDatum(key, type.key), toDatum(member, type.value)]),
    );
  }
  if (type.kind !== 'row' || Array.isArray(value)) return refuse(value, type);
  const fields = value as { readonly [name: string]: Value };
  return { fields: type.fields.map((field) => toDatum(fields[field.name] ?? null, field.type)) };
}

function refuse(value: Value, type: SqlType): never {
  const what = Array.isArray(value) ? 'an array' : value instanceof Uint8Array ? 'bytes' : 'an object';
  throw new SqlError({ code: SqlState.invalidParameterValue, message: `${what} is no value of type ${formatType(type)}` });
}
