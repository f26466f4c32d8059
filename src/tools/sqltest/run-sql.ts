import { toSqlError } from '../../base/index.ts';
import { type Batch, rowsOf } from '../../batch/index.ts';
import type { ResultField, ServerSession, StatementResult } from '../../session/index.ts';
import { type Datum, formatDatum } from '../../types/index.ts';

/** Whatever has a session to run statements in: a test's database, a client. */
export interface SessionHolder {
  readonly session: ServerSession;
}

/** What a query gave, as texts. */
export interface ResultRows {
  readonly fields: readonly ResultField[];
  /** `NULL` and `(empty)` as such; a row of multiplicity n is n rows. */
  readonly rows: readonly (readonly string[])[];
}

/** Runs every statement of `sql` in the test's session and gives each result to `use`. A failure ends the session's transaction as it does for a client. */
export async function runSql(database: SessionHolder, sql: string, use: (result: StatementResult) => Promise<void> = drain): Promise<void> {
  const { session } = database;
  try {
    for await (const result of session.simpleQuery(sql)) await use(result);
  } catch (error) {
    await session.statementFailed(toSqlError(error));
    throw error;
  }
}

/** The rows `sql` gives, with the columns of its last result. */
export async function resultRows(database: SessionHolder, sql: string): Promise<ResultRows> {
  const rows: string[][] = [];
  let fields: readonly ResultField[] = [];
  await runSql(database, sql, async (result) => {
    if (result.kind !== 'rows' && result.kind !== 'copy-out') return;
    fields = result.fields;
    for await (const batch of result.batches) for (const cells of textCells(batch, result.fields, database)) rows.push(cells);
  });
  return { fields, rows };
}

/** The rows `sql` gives, as lines: cells separated by tabs. */
export async function textRows(database: SessionHolder, sql: string): Promise<string[]> {
  return (await textTable(database, sql)).rows;
}

/** The same with the columns of the last result. */
export async function textTable(database: SessionHolder, sql: string): Promise<{ fields: readonly ResultField[]; rows: string[] }> {
  const { fields, rows } = await resultRows(database, sql);
  return { fields, rows: rows.map((cells) => cells.join('\t')) };
}

function textCells(batch: Batch, fields: readonly ResultField[], database: SessionHolder): string[][] {
  const { timeZone, extraFloatDigits, registeredName } = database.session.outputStyle();
  const cell = (value: Datum | null, index: number): string => {
    if (value === null) return 'NULL';
    const text = formatDatum(fields[index]!.type, value, { timeZone, extraFloatDigits, objectName: registeredName });
    return text === '' ? '(empty)' : text;
  };
  return rowsOf(batch).flatMap((row, index) => new Array<string[]>(batch.weights === null ? 1 : batch.weights[index]!).fill(row.map(cell)));
}

async function drain(result: StatementResult): Promise<void> {
  if (result.kind === 'rows' || result.kind === 'copy-out') for await (const batch of result.batches) if (batch.rowCount < 0) return;
}
