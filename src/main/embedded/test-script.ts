import { SqlError, SqlState, toSqlError } from '../../base/index.ts';
import type { ServerSession } from '../../session/index.ts';
import { testStatements } from '../../tools/sqltest/index.ts';
import type { TestedStatement } from './api.ts';
import { type AnyRow, rowsOfResult } from './rows.ts';

/** A statement of a test failed: what is said of it names its line and, of an assertion, shows the rows that differ, as `expected` and `actual` for test runners, too. */
export class TestFailure extends SqlError {
  override readonly name = 'TestFailure';
  /** Of the text, or of the file that it includes. */
  readonly file: string | undefined;
  readonly line: number;
  readonly sql: string;
  /** Rows that are missing; absent: nothing was compared. */
  readonly expected: string | undefined;
  /** Rows that nobody expected. */
  readonly actual: string | undefined;

  constructor(cause: SqlError, place: { readonly file: string | undefined; readonly line: number; readonly sql: string }) {
    const { file, line, sql } = place;
    const shown = [cause.detail, cause.hint === undefined ? undefined : `HINT: ${cause.hint}`].filter((part) => part !== undefined);
    super({ ...cause.fields(), message: [`${file === undefined ? 'line ' : `${file}:`}${line}: ${cause.message}`, ...shown].join('\n') });
    this.file = file;
    this.line = line;
    this.sql = sql;
    const compared = cause.code === SqlState.assertFailure && cause.detail !== undefined;
    this.expected = compared ? rowsWithSign(cause.detail!, '-') : undefined;
    this.actual = compared ? rowsWithSign(cause.detail!, '+') : undefined;
  }
}

/** Runs the statements of a test one after another. Errors: TestFailure for the first that fails. */
export async function runTestScript(session: ServerSession, text: string): Promise<TestedStatement[]> {
  const results: TestedStatement[] = [];
  for (const { file, line, sql } of testStatements(text)) {
    try {
      results.push({ line, sql, ...(await outcomeOf(session, sql)) });
    } catch (error) {
      const failure = new TestFailure(toSqlError(error), { file, line, sql });
      await session.statementFailed(failure);
      throw failure;
    }
  }
  return results;
}

async function outcomeOf(session: ServerSession, sql: string): Promise<{ readonly tag: string; readonly rows: readonly AnyRow[] | null }> {
  let tag = '';
  let rows: readonly AnyRow[] | null = null;
  for await (const result of session.simpleQuery(sql)) {
    rows = await rowsOfResult(result, session);
    tag = result.kind === 'command' ? result.tag : result.kind === 'rows' ? result.tag(rows?.length ?? 0) : '';
  }
  return { tag, rows };
}

function rowsWithSign(detail: string, sign: '-' | '+'): string {
  const marked = `${sign} `;
  return detail
    .split('\n')
    .filter((line) => line.startsWith(marked))
    .map((line) => line.slice(marked.length))
    .join('\n');
}
