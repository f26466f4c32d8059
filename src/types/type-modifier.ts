import { SqlError, SqlState } from '../base/index.ts';
import type { ArrayDatum, Datum, Decimal, MapDatum, RowDatum } from './datum.ts';
import { makeMap } from './map-value.ts';
import { applyNumericModifier } from './numeric/index.ts';
import type { SqlType } from './sql-type.ts';
import { isNestedArray } from './text/array-text.ts';
import { isInfiniteTimestamp, roundMicros } from './time/index.ts';
import { formatType, innermostElement } from './type-name.ts';

/**
 * The value as the type's modifier wants it: numeric(p,s) rounded or 22003, varchar(n) and char(n) cut in an explicit cast and 22001
 * otherwise (unless only blanks are lost), char(n) padded, fractions of a second rounded.
 */
export function applyTypeModifier(type: SqlType, datum: Datum, explicit: boolean): Datum {
  switch (type.kind) {
    case 'numeric':
      return type.precision === null ? datum : applyNumericModifier(datum as Decimal, type.precision, type.scale ?? 0);
    case 'varchar':
      return type.length === null ? datum : limitText(datum as string, { type, length: type.length, explicit });
    case 'char':
      return type.length === null ? datum : padText(limitText(datum as string, { type, length: type.length, explicit }), type.length);
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      if (type.precision >= 6 || isInfiniteTimestamp(datum as bigint)) return datum;
      return roundMicros(datum as bigint, type.precision);
    case 'array':
      return hasModifier(innermostElement(type)) ? modifyArray(innermostElement(type), datum as ArrayDatum, explicit) : datum;
    case 'row':
      return hasModifier(type)
        ? {
            fields: (datum as RowDatum).fields.map((field, index) =>
              field === null ? null : applyTypeModifier(type.fields[index]!.type, field, explicit),
            ),
          }
        : datum;
    case 'map':
      return hasModifier(type) ? modifyMap(type, datum as MapDatum, explicit) : datum;
    default:
      return datum;
  }
}

/** True where applyTypeModifier can change or refuse a value. */
export function hasModifier(type: SqlType): boolean {
  switch (type.kind) {
    case 'numeric':
      return type.precision !== null;
    case 'varchar':
    case 'char':
      return type.length !== null;
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return type.precision < 6;
    case 'array':
      return hasModifier(type.element);
    case 'row':
      return type.fields.some((field) => hasModifier(field.type));
    case 'map':
      return hasModifier(type.key) || hasModifier(type.value);
    default:
      return false;
  }
}

/** Characters are code points, as PostgreSQL counts them. */
export function codePointLength(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xdc00 || unit > 0xdfff) count++;
  }
  return count;
}

function limitText(text: string, limit: { type: SqlType; length: number; explicit: boolean }): string {
  if (text.length <= limit.length) return text;
  const characters = Array.from(text);
  if (characters.length <= limit.length) return text;
  const excess = characters.slice(limit.length);
  if (!limit.explicit && excess.some((character) => character !== ' ')) {
    throw new SqlError({ code: SqlState.stringDataRightTruncation, message: `value too long for type ${formatType(limit.type)}` });
  }
  return characters.slice(0, limit.length).join('');
}

function padText(text: string, length: number): string {
  return text + ' '.repeat(Math.max(0, length - codePointLength(text)));
}

/** Keys may become equal or change their order. */
function modifyMap(type: Extract<SqlType, { kind: 'map' }>, { keys, values }: MapDatum, explicit: boolean): MapDatum {
  return makeMap(
    type,
    keys.map((key, index) => {
      const value = values[index]!;
      return [applyTypeModifier(type.key, key, explicit), value === null ? null : applyTypeModifier(type.value, value, explicit)];
    }),
  );
}

function modifyArray(element: SqlType, value: ArrayDatum, explicit: boolean): ArrayDatum {
  return {
    elements: value.elements.map((item) => {
      if (item === null) return null;
      return isNestedArray(item) ? modifyArray(element, item, explicit) : applyTypeModifier(element, item, explicit);
    }),
  };
}
