import { SqlError, SqlState } from '../base/index.ts';
import { type Batch, type Column, columnFromDatums, readDatum } from '../batch/index.ts';
import type { EdgeColumn } from '../jobgraph/index.ts';
import { type ArrayDatum, byteaType, type Datum, type MapDatum, type RowDatum, type SqlType, textType } from '../types/index.ts';
import type { MetadataColumn } from './connector-definition.ts';
import type { OptionDefinition } from './option-definition.ts';

/** One header of a message. Names may repeat; the order is the writer's. */
export interface MessageHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** All headers, and with `headers.` in front of its name a single one. */
const HEADERS = 'headers';
const ONE_HEADER = 'headers.';
const HEADERS_COLUMN = 'sink.headers-column';

/** ksqlDB's type of all headers: in their order, repeated names and all. */
const headersType: SqlType = {
  kind: 'array',
  element: {
    kind: 'row',
    fields: [
      { name: 'key', type: textType },
      { name: 'value', type: byteaType },
    ],
  },
};

/** For connectors whose messages have headers. */
export const headersMetadata: readonly MetadataColumn[] = [
  {
    key: HEADERS,
    type: headersType,
    description:
      'All headers in their order; declared as MAP<STRING, BYTES>, the last one of each name. Not VIRTUAL, it is written by INSERT as well.',
  },
  { key: `${ONE_HEADER}*`, type: byteaType, description: 'Value of the last header of that name; NULL without one.' },
];

/** For connectors whose records can have headers. */
export const headersColumnOption: OptionDefinition = {
  name: HEADERS_COLUMN,
  type: 'text',
  description:
    "Column whose value is the record's headers and no part of the record's value: MAP<STRING, BYTES>, or ARRAY<STRUCT<key STRING, value BYTES>> for repeated names; STRING in the place of BYTES will do.",
};

/** True of the types that all headers can be declared with. */
export function isHeadersType(type: SqlType, values: readonly SqlType['kind'][] = ['bytea']): boolean {
  const pair = pairTypes(type);
  return pair !== null && pair[0].kind === 'text' && values.includes(pair[1].kind);
}

function pairTypes(type: SqlType): readonly [SqlType, SqlType] | null {
  if (type.kind === 'map') return [type.key, type.value];
  if (type.kind !== 'array' || type.element.kind !== 'row' || type.element.fields.length !== 2) return null;
  return [type.element.fields[0]!.type, type.element.fields[1]!.type];
}

/** The metadata column of a key that is about headers; undefined for any other. */
export function headersAsColumn(
  key: string,
  messages: { readonly count: number; headersOf(row: number): readonly MessageHeader[] },
): Column | undefined {
  if (key !== HEADERS && !key.startsWith(ONE_HEADER)) return undefined;
  const rows = Array.from({ length: messages.count }, (_, row) => messages.headersOf(row));
  if (key === HEADERS) {
    return columnFromDatums(
      headersType,
      rows.map((headers): ArrayDatum => ({ elements: headers.map((header): RowDatum => ({ fields: [header.key, header.value] })) })),
    );
  }
  const name = key.slice(ONE_HEADER.length);
  return columnFromDatums(
    byteaType,
    rows.map((headers) => headers.findLast((header) => header.key === name)?.value ?? null),
  );
}

/**
 * Position of the column that is the record's headers; null without one. Errors: 42703 for a column that is not there, 42804 for one that cannot be
 * headers.
 */
export function headersColumn(options: ReadonlyMap<string, string>, columns: readonly EdgeColumn[]): number | null {
  const name = options.get(HEADERS_COLUMN);
  if (name === undefined) return null;
  const position = columns.findIndex((column) => column.name === name);
  if (position < 0)
    throw new SqlError({ code: SqlState.undefinedColumn, message: `column "${name}" named in option "${HEADERS_COLUMN}" does not exist` });
  if (isHeadersType(columns[position]!.type, ['bytea', 'text', 'varchar'])) return position;
  throw new SqlError({
    code: SqlState.datatypeMismatch,
    message: `column "${name}" named in option "${HEADERS_COLUMN}" cannot be headers`,
    hint: 'Headers are MAP<STRING, BYTES> or ARRAY<STRUCT<key STRING, value BYTES>>.',
  });
}

/** The headers in a row of the column of that type; none for NULL. Errors: 22004 for one without a name. */
export function headersOfRow(batch: Batch, row: number, column: number): readonly MessageHeader[] {
  const value = readDatum(batch.columns[column]!, row);
  if (value === null) return [];
  if (batch.columns[column]!.type.kind === 'map') {
    const { keys, values } = value as MapDatum;
    return keys.map((key, index) => headerOf(key, values[index]!));
  }
  return (value as ArrayDatum).elements.map((element) => {
    const [key, bytes] = (element as RowDatum | null)?.fields ?? [];
    return headerOf(key ?? null, bytes ?? null);
  });
}

const encoder = new TextEncoder();

function headerOf(key: Datum | null, value: Datum | null): MessageHeader {
  if (key === null) throw new SqlError({ code: SqlState.nullValueNotAllowed, message: 'a header needs a name, not NULL', class: 'user' });
  return { key: key as string, value: typeof value === 'string' ? encoder.encode(value) : (value as Uint8Array | null) };
}
