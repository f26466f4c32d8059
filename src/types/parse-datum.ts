import type { Datum } from './datum.ts';
import { normaliseJson } from './json/index.ts';
import { makeMap } from './map-value.ts';
import { parseDecimal } from './numeric/index.ts';
import type { SqlType } from './sql-type.ts';
import { parseArrayText, parseRowText } from './text/array-text.ts';
import { parseBool } from './text/bool-text.ts';
import { parseBytea, parseUuid } from './text/bytea-text.ts';
import { parseFloat4, parseFloat8 } from './text/float-text.ts';
import { INT2_RANGE, INT4_RANGE, INT8_RANGE, parseInteger, parseOid } from './text/integer-text.ts';
import { parseMapText } from './text/map-text.ts';
import { type DatetimeParseOptions, parseDate, parseInterval, parseTime, parseTimestamp, parseTimestamptz } from './time/index.ts';
import { innermostElement } from './type-name.ts';

const UTC: DatetimeParseOptions = { timeZone: 'UTC' };

/**
 * The value of a text by the type's PostgreSQL input function. Type modifiers are not applied (see applyTypeModifier). Throws SqlError
 * 22P02 (syntax), 22003 (range), 22007 and 22008 (dates and times) in PostgreSQL's words. Names of reg* types need a catalog; here they
 * are oids in digits.
 */
export function parseDatum(type: SqlType, text: string, options: DatetimeParseOptions = UTC): Datum {
  switch (type.kind) {
    case 'bool':
      return parseBool(text);
    case 'int2':
      return Number(parseInteger(text, INT2_RANGE));
    case 'int4':
      return Number(parseInteger(text, INT4_RANGE));
    case 'int8':
      return parseInteger(text, INT8_RANGE);
    case 'float4':
      return parseFloat4(text);
    case 'float8':
      return parseFloat8(text);
    case 'numeric':
      return parseDecimal(text);
    case 'bytea':
      return parseBytea(text);
    case 'uuid':
      return parseUuid(text);
    case 'jsonb':
      return normaliseJson(text);
    case 'date':
      return parseDate(text, options);
    case 'time':
      return BigInt(parseTime(text, options));
    case 'timestamp':
      return parseTimestamp(text, options);
    case 'timestamptz':
      return parseTimestamptz(text, options);
    case 'interval':
      return parseInterval(text);
    case 'array': {
      const element = innermostElement(type);
      return parseArrayText(text, (part) => parseDatum(element, part, options));
    }
    case 'row':
      return parseRowText(
        text,
        type.fields.map((field) => (part: string) => parseDatum(field.type, part, options)),
      );
    case 'map': {
      const pairs = parseMapText(text);
      return makeMap(
        type,
        pairs.map(([key, value]) => [parseDatum(type.key, key, options), value === null ? null : parseDatum(type.value, value, options)]),
      );
    }
    default:
      return parseTextLike(type, text);
  }
}

function parseTextLike(type: SqlType, text: string): Datum {
  switch (type.kind) {
    case 'oid':
    case 'regclass':
    case 'regtype':
    case 'regproc':
    case 'regnamespace':
      return text === '-' && type.kind !== 'oid' ? 0 : parseOid(text, type.kind);
    case 'name':
      return truncateName(text);
    case 'internal_char':
      return text.slice(0, 1);
    default:
      return text;
  }
}

const NAME_BYTES_MAX = 63;

/** A name has at most 63 bytes; the rest is dropped at a character's border. */
export function truncateName(text: string): string {
  if (text.length * 3 <= NAME_BYTES_MAX) return text;
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > NAME_BYTES_MAX) break;
    kept += character;
  }
  return kept;
}
