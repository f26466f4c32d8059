import type { ArrayDatum, Datum, Decimal, Interval, MapDatum, RowDatum } from './datum.ts';
import { formatJson, isJsonArray, isJsonObject, JsonNumber, type JsonValue, parseJson } from './json/index.ts';
import { formatDecimal, trimDecimal } from './numeric/index.ts';
import type { SqlType } from './sql-type.ts';
import { isNestedArray } from './text/array-text.ts';
import { intervalSpan, isInfiniteInterval, MICROS_PER_DAY_BIGINT } from './time/index.ts';
import { innermostElement } from './type-name.ts';
import { bytesToDatum, datumToBytes } from './value-bytes.ts';

const BLANK = 0x20;
const POINT = 0x2e;

/**
 * True where two equal values of a type with `bytes` storage can have different bytes, so that keys must be made canonical before they are
 * hashed or compared: numeric (1.0 and 1.00), interval (1 month and 30 days), char (trailing blanks), jsonb (numbers), and arrays, rows and maps
 * of those or of floats (-0, NaN).
 */
export function needsCanonicalKey(type: SqlType): boolean {
  switch (type.kind) {
    case 'numeric':
    case 'interval':
    case 'char':
    case 'jsonb':
      return true;
    case 'array':
      return needsCanonicalElement(innermostElement(type));
    case 'row':
      return type.fields.some((field) => needsCanonicalElement(field.type));
    case 'map':
      return needsCanonicalElement(type.key) || needsCanonicalElement(type.value);
    default:
      return false;
  }
}

/** The bytes all values equal to data[start, end) share. They are storage bytes of an equal value. */
export function canonicalKeyBytes(type: SqlType, data: Uint8Array, start: number, end: number): Uint8Array {
  switch (type.kind) {
    case 'char': {
      let trimmed = end;
      while (trimmed > start && data[trimmed - 1] === BLANK) trimmed--;
      return data.subarray(start, trimmed);
    }
    case 'jsonb':
      // Only numbers with a fraction have more than one text.
      if (!data.subarray(start, end).includes(POINT)) return data.subarray(start, end);
      break;
    default:
      if (!needsCanonicalKey(type)) return data.subarray(start, end);
  }
  return datumToBytes(type, canonicalDatum(type, bytesToDatum(type, data, start, end)));
}

/** The one representative of all values equal to this one. */
export function canonicalDatum(type: SqlType, datum: Datum): Datum {
  switch (type.kind) {
    case 'float4':
    case 'float8':
      // Adding 0 turns -0 into 0; every NaN becomes the one with the standard bits.
      return Number.isNaN(datum) ? Number.NaN : (datum as number) + 0;
    case 'numeric':
      return trimDecimal(datum as Decimal);
    case 'interval':
      return canonicalInterval(datum as Interval);
    case 'char':
      return (datum as string).replace(/ +$/, '');
    case 'jsonb':
      return formatJson(canonicalJson(parseJson(datum as string)));
    case 'array':
      return canonicalArray(innermostElement(type), datum as ArrayDatum);
    case 'row':
      return { fields: (datum as RowDatum).fields.map((field, index) => (field === null ? null : canonicalDatum(type.fields[index]!.type, field))) };
    case 'map': {
      const { keys, values } = datum as MapDatum;
      return {
        keys: keys.map((key) => canonicalDatum(type.key, key)),
        values: values.map((value) => (value === null ? null : canonicalDatum(type.value, value))),
      };
    }
    default:
      return datum;
  }
}

function needsCanonicalElement(type: SqlType): boolean {
  return type.kind === 'float4' || type.kind === 'float8' || needsCanonicalKey(type);
}

/** Whole days of the span as days, the rest as micros: every span has one such form, and its fields fit. */
function canonicalInterval(value: Interval): Interval {
  if (isInfiniteInterval(value)) return value;
  const span = intervalSpan(value);
  const days = span / MICROS_PER_DAY_BIGINT;
  // Spans beyond the int32 days of one field keep months, so that no value leaves its fields.
  const months = days / 30n / 1_000_000n;
  const monthCount = Number(months * 1_000_000n);
  return { months: monthCount, days: Number(days) - monthCount * 30, micros: span % MICROS_PER_DAY_BIGINT };
}

function canonicalArray(element: SqlType, value: ArrayDatum): ArrayDatum {
  return {
    elements: value.elements.map((item) => {
      if (item === null) return null;
      return isNestedArray(item) ? canonicalArray(element, item) : canonicalDatum(element, item);
    }),
  };
}

function canonicalJson(value: JsonValue): JsonValue {
  if (value instanceof JsonNumber) return new JsonNumber(formatDecimal(trimDecimal(value.decimal())));
  if (isJsonArray(value)) return value.map(canonicalJson);
  if (value !== null && isJsonObject(value)) return new Map([...value].map(([key, member]) => [key, canonicalJson(member)]));
  return value;
}
