import { toSqlError } from '../../base/index.ts';

/** The rows a database gives, as lines, or the error it answers with, as one line that says its SQLSTATE. */
export async function comparedAnswer(run: () => Promise<string[]>): Promise<readonly string[]> {
  try {
    return await run();
  } catch (error) {
    const { code } = error as { code?: unknown };
    return [`ERROR ${typeof code === 'string' ? code : toSqlError(error).code}`];
  }
}

/** A row of PostgreSQL's texts as textRows writes one of ours. */
export function comparedLine(row: readonly (string | null)[]): string {
  return row.map((text) => (text === null ? 'NULL' : text === '' ? '(empty)' : text)).join('\t');
}
