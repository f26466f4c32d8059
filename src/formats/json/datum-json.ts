import {
  type ArrayDatum,
  type Datum,
  type Decimal,
  formatDatum,
  formatFloat4,
  formatFloat8,
  formatTimestamp,
  type MapDatum,
  type RowDatum,
  type SqlType,
} from '../../types/index.ts';
import type { JsonEncodeOptions } from './json-options.ts';

/**
 * JSON text of one value, the inverse of jsonTokenDatum: numbers for numeric types, base64 for bytea, objects for rows and maps; NaN and the infinities,
 * which JSON numbers lack, and all other types as strings in PostgreSQL's text form.
 */
export function datumJson(type: SqlType, datum: Datum | null, options: JsonEncodeOptions): string {
  if (datum === null) return 'null';
  switch (type.kind) {
    case 'bool':
      return datum ? 'true' : 'false';
    case 'int2':
    case 'int4':
    case 'int8':
    case 'oid':
      return String(datum);
    case 'float4':
      return numberOrString(formatFloat4(datum as number), Number.isFinite(datum));
    case 'float8':
      return numberOrString(formatFloat8(datum as number), Number.isFinite(datum));
    case 'numeric':
      return numberOrString(formatDatum(type, datum), (datum as Decimal).special === undefined);
    case 'jsonb':
      return datum as string;
    case 'bytea':
      return JSON.stringify(Buffer.from(datum as Uint8Array).toString('base64'));
    case 'timestamp':
    case 'timestamptz': {
      const text = formatTimestamp(datum as bigint);
      return JSON.stringify((options.isoTimestamps ? text.replace(' ', 'T') : text) + (type.kind === 'timestamptz' ? 'Z' : ''));
    }
    case 'array':
      return arrayJson(type, datum as ArrayDatum, options);
    case 'row':
      return rowJson(type, datum as RowDatum, options);
    case 'map': {
      const { keys, values } = datum as MapDatum;
      return `{${keys.map((key, index) => `${JSON.stringify(formatDatum(type.key, key))}:${datumJson(type.value, values[index]!, options)}`).join(',')}}`;
    }
    default:
      return JSON.stringify(formatDatum(type, datum));
  }
}

function arrayJson(type: Extract<SqlType, { kind: 'array' }>, { elements }: ArrayDatum, options: JsonEncodeOptions): string {
  const parts = elements.map((element) => {
    const isNested = element !== null && typeof element === 'object' && 'elements' in element;
    return datumJson(isNested && type.element.kind !== 'array' ? type : type.element, element, options);
  });
  return `[${parts.join(',')}]`;
}

function rowJson(type: Extract<SqlType, { kind: 'row' }>, { fields }: RowDatum, options: JsonEncodeOptions): string {
  const members: string[] = [];
  for (let index = 0; index < type.fields.length; index++) {
    const field = type.fields[index]!;
    const value = fields[index] ?? null;
    if (value === null && options.ignoreNullFields) continue;
    members.push(`${JSON.stringify(field.name)}:${datumJson(field.type, value, options)}`);
  }
  return `{${members.join(',')}}`;
}

/** JSON has no leading plus, no bare point and no NaN; PostgreSQL's number texts have none of the first two. */
function numberOrString(text: string, finite: boolean): string {
  return finite ? text : JSON.stringify(text);
}
