import { SqlError, SqlState, toSqlError } from '../base/index.ts';
import { type Batch, rowsOf } from '../batch/index.ts';
import type { ResultField, ServerSession, SessionNotice, StatementResult } from '../session/index.ts';
import { createSessionFactory } from '../session/index.ts';
import type { TextResult } from '../tools/repl/index.ts';
import { type Datum, type DatumFormatOptions, formatDatum, type SqlType } from '../types/index.ts';
import type { Database } from './open-database.ts';

/** A session in the same process, for commands that need no wire. */
export function openLocalSession(database: Pick<Database, 'engine'>, onNotice: (notice: SessionNotice) => void): Promise<ServerSession> {
  return createSessionFactory(database.engine).open({
    user: 'fsql',
    database: 'fsql',
    settings: new Map(),
    processId: process.pid,
    observer: { parameterChanged: () => undefined, notice: onNotice },
  });
}

/** What one statement gave, as text. `tag` for commands; rows collected whole. */
export interface TextOutcome {
  readonly result: TextResult | null;
  readonly tag: string;
}

/** Runs every statement of a text and hands each outcome on as it is there. `options` as simpleQuery of the session has them. */
export async function runText(
  session: ServerSession,
  text: string,
  onOutcome: (outcome: TextOutcome) => void,
  options: { readonly commitEach?: boolean } = {},
): Promise<void> {
  try {
    for await (const result of session.simpleQuery(text, options)) onOutcome(await outcomeOf(result, session));
  } catch (error) {
    await session.statementFailed(toSqlError(error));
    throw error;
  }
}

async function outcomeOf(result: StatementResult, session: ServerSession): Promise<TextOutcome> {
  if (result.kind === 'empty') return { result: null, tag: '' };
  if (result.kind === 'command') return { result: null, tag: result.tag };
  if (result.kind === 'copy-in') {
    const refused = new SqlError({ code: SqlState.featureNotSupported, message: 'COPY FROM STDIN needs a client' });
    await result.abort(refused);
    throw refused;
  }
  const rows: (string | null)[][] = [];
  for await (const batch of result.batches) for (const row of textRows(batch, result.fields, session)) rows.push(row);
  const columns = result.fields.map((field) => ({ name: field.name, right: isNumeric(field.type) }));
  return { result: { columns, rows }, tag: result.kind === 'rows' ? result.tag(rows.length) : `COPY ${rows.length}` };
}

/** How the session has its values written. */
export function textStyle(session: ServerSession): DatumFormatOptions {
  const { timeZone, extraFloatDigits, registeredName } = session.outputStyle();
  return { timeZone, extraFloatDigits, objectName: registeredName };
}

/** Rows of a batch as text in the session's style, each as often as its weight says. */
export function textRows(batch: Batch, fields: readonly ResultField[], session: ServerSession): (string | null)[][] {
  const options = textStyle(session);
  const text = (value: Datum | null, index: number): string | null => (value === null ? null : formatDatum(fields[index]!.type, value, options));
  return rowsOf(batch).flatMap((row, index) => {
    const cells = row.map(text);
    return new Array<(string | null)[]>(batch.weights === null ? 1 : batch.weights[index]!).fill(cells);
  });
}

function isNumeric(type: SqlType): boolean {
  return ['int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'oid'].includes(type.kind);
}
