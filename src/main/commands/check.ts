import { readFile } from 'node:fs/promises';
import { consoleLogger } from '../../base/adapters/console-logger.ts';
import { SqlError, toSqlError } from '../../base/index.ts';
import type { ServerSession } from '../../session/index.ts';
import { parseStatements, splitStatements } from '../../sql/index.ts';
import { quoteLiteral } from '../../tools/repl/index.ts';
import { openLocalSession, runText } from '../local-session.ts';
import { openDatabase } from '../open-database.ts';
import { errorText, UsageError } from '../print-error.ts';
import { requireBoundedState } from './state-lint.ts';

export interface CheckOptions {
  readonly json?: boolean;
  readonly syntax?: boolean;
  /** State without a bound is an error. */
  readonly strictState?: boolean;
  /** Value of sql_dialect at the beginning of each file. */
  readonly dialect?: string;
}

/** What later statements build on is carried out. */
const DEFINES = /^(create|set|drop)\b/i;

interface CheckedStatement {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly error: ReturnType<typeof toSqlError> | null;
}

/**
 * `fsql check FILE…`: every statement is parsed and, without --syntax, bound and planned against the ones before it in a database of its own. Nothing outside
 * is asked: sources and sinks of other systems are checked as far as their text goes. With --strict-state a view or sink that would keep something nothing
 * bounds is an error. Goes on after an error. Errors: UsageError for a file that cannot be read and a dialect there is none of.
 */
export async function runCheck(files: readonly string[], options: CheckOptions): Promise<number> {
  let failed = false;
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`cannot read ${file}: ${error.message}`);
    });
    for await (const checked of checkFile(file, text, options)) {
      failed ||= checked.error !== null;
      report(checked, options);
    }
  }
  return failed ? 1 : 0;
}

async function* checkFile(file: string, text: string, options: CheckOptions): AsyncGenerator<CheckedStatement> {
  const database = options.syntax
    ? null
    : await openDatabase({ dataDir: null, slots: 1, host: 'in-thread', logger: consoleLogger('error'), offline: true });
  // One session, so that a SET counts for what comes behind it.
  const session = database === null ? null : await openLocalSession(database, () => undefined);
  try {
    if (options.dialect !== undefined && session !== null) await setDialect(session, options.dialect);
    for (const piece of splitStatements(text)) {
      const error = await checkStatement(piece.text, session, options).then(
        () => null,
        (cause: unknown) => toSqlError(cause),
      );
      yield { file, line: text.slice(0, piece.start).split('\n').length, text: piece.text, error };
    }
  } finally {
    await session?.close();
    await database?.close();
  }
}

async function setDialect(session: ServerSession, dialect: string): Promise<void> {
  try {
    await runText(session, `SET sql_dialect = ${quoteLiteral(dialect)}`, () => undefined);
  } catch (error) {
    throw error instanceof SqlError ? new UsageError(`--dialect: ${error.message}${error.hint === undefined ? '' : ` (${error.hint})`}`) : error;
  }
}

async function checkStatement(text: string, session: ServerSession | null, { strictState }: CheckOptions): Promise<void> {
  if (session === null) {
    parseStatements(text);
    return;
  }
  // By its first word: the statement may be one of another dialect, which only the session reads.
  if (DEFINES.test(text)) await runText(session, text, () => undefined);
  else await session.prepare('', text, []);
  // What comes behind may read it all the same.
  if (strictState) await requireBoundedState(session, text);
}

function report({ file, line, text, error }: CheckedStatement, options: CheckOptions): void {
  if (options.json) {
    const facts = {
      file,
      line,
      statement: text,
      ok: error === null,
      sqlstate: error?.code ?? null,
      message: error?.message ?? null,
      position: error?.position ?? null,
    };
    process.stdout.write(`${JSON.stringify(facts)}\n`);
  } else if (error !== null) process.stderr.write(`${file}:${line}: ${errorText(error, text)}\n`);
}
