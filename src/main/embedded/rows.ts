import { SqlError, SqlState } from '../../base/index.ts';
import { type Batch, rowsOf } from '../../batch/index.ts';
import type { ResultField, ServerSession, StatementResult } from '../../session/index.ts';
import type { DatumFormatOptions } from '../../types/index.ts';
import { textStyle } from '../local-session.ts';
import type { Value } from './api.ts';
import { toValue } from './values.ts';

export type AnyRow = Record<string, Value>;

/** Null for a statement without rows. Errors: 0A000 for COPY FROM STDIN. */
export async function rowsOfResult(result: StatementResult, session: ServerSession): Promise<AnyRow[] | null> {
  if (result.kind === 'empty' || result.kind === 'command') return null;
  if (result.kind === 'copy-in') {
    const refused = new SqlError({ code: SqlState.featureNotSupported, message: 'COPY FROM STDIN needs a client', hint: 'INSERT the rows.' });
    await result.abort(refused);
    throw refused;
  }
  const style = textStyle(session);
  const rows: AnyRow[] = [];
  for await (const batch of result.batches) for (const row of batchRows(batch, result.fields, style)) rows.push(row);
  return rows;
}

/** Each row an object of its own, also where equal ones come as one row with a weight: callers may change what they are given. */
function batchRows(batch: Batch, fields: readonly ResultField[], style: DatumFormatOptions): AnyRow[] {
  return rowsOf(batch).flatMap((row, index) => {
    const named = (): AnyRow => Object.fromEntries(fields.map(({ name, type }, column) => [name, toValue(row[column]!, type, style)]));
    return Array.from({ length: batch.weights === null ? 1 : batch.weights[index]! }, named);
  });
}
