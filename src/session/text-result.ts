import { batchFromRows } from '../batch/index.ts';
import { type Datum, type SqlType, textType } from '../types/index.ts';
import type { ResultField, RowsResult } from './contract.ts';

/** A result column that comes from no relation. */
export function resultField(name: string, type: SqlType): ResultField {
  return { name, type, relationOid: 0, columnNumber: 0 };
}

/** A small result made at once: SHOW, EXPLAIN, DESCRIBE. */
export function rowsResult(fields: readonly ResultField[], rows: readonly (readonly (Datum | null)[])[], tag: string): RowsResult {
  const batch = batchFromRows(
    fields.map((field) => field.type),
    rows,
  );
  return {
    kind: 'rows',
    fields,
    tag: (count) => (tag === 'SELECT' ? `SELECT ${count}` : tag),
    batches: (async function* () {
      yield batch;
    })(),
  };
}

export function textFields(...names: readonly string[]): readonly ResultField[] {
  return names.map((name) => resultField(name, textType));
}
