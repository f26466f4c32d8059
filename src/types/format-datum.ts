import type { ArrayDatum, Datum, Decimal, Interval, MapDatum, RowDatum } from './datum.ts';
import { formatDecimal } from './numeric/index.ts';
import type { SqlType } from './sql-type.ts';
import { formatArrayText, formatRowText } from './text/array-text.ts';
import { formatBytea } from './text/bytea-text.ts';
import { formatFloat4, formatFloat8 } from './text/float-text.ts';
import { formatMapText } from './text/map-text.ts';
import { formatDate, formatInterval, formatTimeOfDay, formatTimestamp, formatTimestamptz } from './time/index.ts';
import { innermostElement } from './type-name.ts';

/** Session settings that show in texts. DateStyle is ISO and IntervalStyle postgres, always. */
export interface DatumFormatOptions {
  readonly timeZone: string;
  /** extra_float_digits; above 0 floats print in their shortest exact form. */
  readonly extraFloatDigits?: number | undefined;
  /** Name of the object a reg* value stands for; absent or null: the number is printed. */
  readonly objectName?: ((kind: 'regclass' | 'regtype' | 'regproc' | 'regnamespace', oid: number) => string | null) | undefined;
}

const UTC: DatumFormatOptions = { timeZone: 'UTC' };

/** The value's text by the type's PostgreSQL output function. */
export function formatDatum(type: SqlType, datum: Datum, options: DatumFormatOptions = UTC): string {
  switch (type.kind) {
    case 'bool':
      return datum ? 't' : 'f';
    case 'float4':
      return formatFloat4(datum as number, options.extraFloatDigits);
    case 'float8':
      return formatFloat8(datum as number, options.extraFloatDigits);
    case 'numeric':
      return formatDecimal(datum as Decimal);
    case 'bytea':
      return formatBytea(datum as Uint8Array);
    case 'date':
      return formatDate(datum as number);
    case 'time':
      return formatTimeOfDay(datum as bigint);
    case 'timestamp':
      return formatTimestamp(datum as bigint);
    case 'timestamptz':
      return formatTimestamptz(datum as bigint, options.timeZone);
    case 'interval':
      return formatInterval(datum as Interval);
    case 'array': {
      const element = innermostElement(type);
      return formatArrayText(datum as ArrayDatum, (value) => formatDatum(element, value, options));
    }
    case 'row': {
      const { fields } = datum as RowDatum;
      return formatRowText(fields.map((field, index) => (field === null ? null : formatDatum(type.fields[index]!.type, field, options))));
    }
    case 'map': {
      const { keys, values } = datum as MapDatum;
      return formatMapText(
        keys.map((key) => formatDatum(type.key, key, options)),
        values.map((value) => (value === null ? null : formatDatum(type.value, value, options))),
      );
    }
    case 'regclass':
    case 'regtype':
    case 'regproc':
    case 'regnamespace':
      return datum === 0 ? '-' : (options.objectName?.(type.kind, datum as number) ?? String(datum));
    default:
      return String(datum);
  }
}
