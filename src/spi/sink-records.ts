import { SqlError, SqlState } from '../base/index.ts';
import { type Batch, readDatum } from '../batch/index.ts';
import type { EdgeColumn } from '../jobgraph/index.ts';
import type { SinkContext } from './connector-definition.ts';
import { headersColumn } from './message-headers.ts';
import type { OptionDefinition } from './option-definition.ts';
import { partitionColumn } from './record-partition.ts';

const TIMESTAMP_COLUMN = 'sink.timestamp-column';

/** For connectors whose records have a timestamp beside their value. */
export const timestampColumnOption: OptionDefinition = {
  name: TIMESTAMP_COLUMN,
  type: 'text',
  description:
    "Column whose value is the record's timestamp and no part of the record's value. Without the option, and where it is NULL, that is the time of writing.",
};

/** Position of the column that is the record's timestamp; null without one. Errors: 42703 for a column that is not there, 42804 for one that is no timestamp. */
export function timestampColumn(options: ReadonlyMap<string, string>, columns: readonly EdgeColumn[]): number | null {
  const name = options.get(TIMESTAMP_COLUMN);
  if (name === undefined) return null;
  const position = columns.findIndex((column) => column.name === name);
  if (position < 0)
    throw new SqlError({ code: SqlState.undefinedColumn, message: `column "${name}" named in option "${TIMESTAMP_COLUMN}" does not exist` });
  const { kind } = columns[position]!.type;
  if (kind === 'timestamp' || kind === 'timestamptz') return position;
  throw new SqlError({ code: SqlState.datatypeMismatch, message: `column "${name}" named in option "${TIMESTAMP_COLUMN}" is no timestamp` });
}

/** Milliseconds since 1970 in a row's timestamp column; `otherwise` without one and for NULL. */
export function timestampMsOf(
  batch: Batch,
  row: number,
  { column, otherwise }: { readonly column: number | null; readonly otherwise: number },
): number {
  const micros = column === null ? null : readDatum(batch.columns[column]!, row);
  return typeof micros === 'bigint' ? Math.floor(Number(micros) / 1000) : otherwise;
}

/** Positions of the columns in a record's value: without its timestamp, headers and partition, and without the key where the options leave that out. */
export function valueColumns({ columns, key, options }: Pick<SinkContext, 'columns' | 'key' | 'options'>): readonly number[] {
  const beside = [timestampColumn(options, columns), headersColumn(options, columns), partitionColumn({ options, columns })];
  const left = key !== null && options.get('value.fields-include') === 'EXCEPT_KEY' ? key : [];
  return columns.map((_, index) => index).filter((index) => !beside.includes(index) && !left.includes(index));
}

/** How many records a row of a weight becomes. `changes`: the format writes a row that has gone, too. */
export function recordCopies(weight: number, { key, appends }: Pick<SinkContext, 'key' | 'appends'>, changes: boolean): number {
  if (changes) return Math.abs(weight);
  return key === null || appends === true ? weight : 1;
}
