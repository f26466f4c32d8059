import { consoleLogger } from '../../base/adapters/console-logger.ts';
import { SqlError, SqlState, toSqlError } from '../../base/index.ts';
import { rowsOf } from '../../batch/index.ts';
import type { ServerSession, SessionNotice } from '../../session/index.ts';
import { quoteIdentifier, splitStatements } from '../../sql/index.ts';
import { openLocalSession, textStyle } from '../local-session.ts';
import { type Database, MAX_PARALLELISM, openDatabase } from '../open-database.ts';
import { TestBench } from '../test-bench.ts';
import type { Aggregate, ArgumentsOf, Change, EmbeddedDatabase, OpenOptions, Signature, TableSignature, TestedStatement, Value } from './api.ts';
import { executeBound } from './bound-statement.ts';
import { argumentNames, codeOf, dollarQuoted } from './function-text.ts';
import { type AnyRow, rowsOfResult } from './rows.ts';
import { runTestScript } from './test-script.ts';
import { toValue } from './values.ts';

/** The engine in this process, behind functions instead of a protocol (docs/embedding.md). Errors: those of the data directory; 22023 for options that contradict. */
export async function open(options: OpenOptions = {}): Promise<EmbeddedDatabase> {
  if (options.memory === true && options.dataDir !== undefined) {
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: 'a database in memory has no data directory',
      hint: 'Give dataDir or memory.',
    });
  }
  if (options.clock !== undefined && (options.dataDir !== undefined || options.threads === true)) {
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: 'a clock is for a database in memory and in this thread',
      hint: 'Leave out dataDir and threads, or clock.',
    });
  }
  if (options.clock === undefined && options.real !== undefined) {
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: 'everything is real without a clock',
      hint: 'Leave out real, or give clock.',
    });
  }
  const bench = options.clock === undefined ? undefined : new TestBench(options.clock, options.real ?? []);
  const slots = options.slots ?? 1;
  if (!Number.isInteger(slots) || slots < 1 || slots > MAX_PARALLELISM) {
    throw new SqlError({ code: SqlState.invalidParameterValue, message: `slots is a whole number from 1 to ${MAX_PARALLELISM}` });
  }
  const database = await openDatabase({
    dataDir: options.dataDir ?? null,
    slots,
    host: options.threads === true ? 'workers' : 'in-thread',
    logger: consoleLogger('warn'),
    bench,
  });
  const onNotice = options.onNotice ?? (() => undefined);
  return new Embedded(database, { session: await openLocalSession(database, onNotice), onNotice, bench });
}

class Embedded implements EmbeddedDatabase {
  readonly #database: Database;
  readonly #session: ServerSession;
  readonly #onNotice: (notice: SessionNotice) => void;
  readonly #bench: TestBench | undefined;
  readonly #subscriptions = new Set<ServerSession>();
  /** A session does one thing at a time. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(
    database: Database,
    {
      session,
      onNotice,
      bench,
    }: { readonly session: ServerSession; readonly onNotice: (notice: SessionNotice) => void; readonly bench: TestBench | undefined },
  ) {
    this.#database = database;
    this.#session = session;
    this.#onNotice = onNotice;
    this.#bench = bench;
  }

  query<Row extends object>(sql: string, params: readonly Value[] = []): Promise<Row[]> {
    return this.#inTurn(async () => (params.length === 0 ? await lastRows(this.#session, sql) : await rowsWith(this.#session, sql, params)) as Row[]);
  }

  advance(milliseconds: number): Promise<Date> {
    return this.#inTurn(async () => {
      const bench = this.#bench;
      if (bench === undefined) {
        throw new SqlError({
          code: SqlState.objectNotInPrerequisiteState,
          message: 'this database goes by the time of the machine',
          hint: 'Open it with { memory: true, clock: new Date(…) }.',
        });
      }
      if (!Number.isSafeInteger(milliseconds) || milliseconds < 0)
        throw new SqlError({ code: SqlState.invalidParameterValue, message: 'a clock is moved on by a whole number of milliseconds' });
      await bench.advanceTo(bench.clock.nowMicros() + BigInt(milliseconds) * 1000n);
      await lastRows(this.#session, 'FLUSH');
      return new Date(Number(bench.clock.nowMicros() / 1000n));
    });
  }

  test(script: string): Promise<TestedStatement[]> {
    return this.#inTurn(() => runTestScript(this.#session, script));
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const run = async (): Promise<Result> => {
      this.#requireOpen();
      try {
        return await work();
      } catch (error) {
        await this.#session.statementFailed(toSqlError(error));
        throw error;
      }
    };
    const result = this.#last.then(run, run);
    this.#last = result.catch(() => undefined);
    return result;
  }

  async *subscribe<Row extends object>(sql: string): AsyncGenerator<Change<Row>, undefined> {
    this.#requireOpen();
    const session = await openLocalSession(this.#database, this.#onNotice);
    this.#subscriptions.add(session);
    try {
      for await (const result of session.simpleQuery(subscribeText(sql))) {
        if (result.kind !== 'rows') continue;
        const [, , , ...columns] = result.fields;
        const style = textStyle(session);
        for await (const batch of result.batches) {
          for (const [epoch, , diff, ...row] of rowsOf(batch)) {
            yield {
              epoch: Number(epoch),
              diff: Number(diff),
              row: Object.fromEntries(columns.map(({ name, type }, index) => [name, toValue(row[index]!, type, style)])) as Row,
            };
          }
        }
      }
    } catch (error) {
      if (!this.#closed) throw error;
    } finally {
      this.#subscriptions.delete(session);
      await session.close();
    }
    return undefined;
  }

  async function<Arguments extends readonly string[], Result extends string>(
    name: string,
    signature: Signature<Arguments, Result>,
    code: (...args: ArgumentsOf<Arguments>) => unknown,
  ): Promise<void> {
    const body = `return (${codeOf(name, code)})(${argumentNames(signature.arguments.length).join(', ')});`;
    await this.#define(`FUNCTION ${head(name, signature)} RETURNS ${signature.returns}${strict(signature)}`, body);
  }

  async tableFunction<Arguments extends readonly string[], Columns extends Readonly<Record<string, string>>>(
    name: string,
    signature: TableSignature<Arguments, Columns>,
    code: (...args: ArgumentsOf<Arguments>) => Iterable<unknown>,
  ): Promise<void> {
    const columns = Object.entries(signature.columns).map(([column, type]) => `${quoteIdentifier(column)} ${type}`);
    const body = `yield* (${codeOf(name, code)})(${argumentNames(signature.arguments.length).join(', ')});`;
    await this.#define(`FUNCTION ${head(name, signature)} RETURNS TABLE (${columns.join(', ')})${strict(signature)}`, body);
  }

  async aggregate<Arguments extends readonly string[], Result extends string, State>(
    name: string,
    signature: Signature<Arguments, Result>,
    code: Aggregate<Arguments, Result, State>,
  ): Promise<void> {
    const part = (called: string, given: unknown): string => `export function ${called}(...given) { return (${codeOf(name, given)})(...given); }`;
    const body = [part('create_state', code.create), part('accumulate', code.accumulate), part('finish', code.finish)].join('\n');
    await this.#define(`AGGREGATE ${head(name, signature)} RETURNS ${signature.returns}${strict(signature)}`, body);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const reason = new SqlError({ code: SqlState.adminShutdown, message: 'the database is being closed' });
    for (const session of this.#subscriptions) session.cancel(reason);
    this.#session.cancel(reason);
    await this.#last;
    await this.#session.close();
    await this.#database.close();
  }

  async #define(declaration: string, body: string): Promise<void> {
    await this.query(`CREATE OR REPLACE ${declaration} LANGUAGE javascript AS ${dollarQuoted(body)}`);
  }

  #requireOpen(): void {
    if (this.#closed) throw new SqlError({ code: SqlState.adminShutdown, message: 'the database has been closed' });
  }
}

function head(name: string, signature: { readonly arguments: readonly string[] }): string {
  const names = argumentNames(signature.arguments.length);
  return `${quoteIdentifier(name)}(${signature.arguments.map((type, index) => `${names[index]!} ${type}`).join(', ')})`;
}

function strict(signature: { readonly strict?: boolean }): string {
  return signature.strict === true ? ' STRICT' : '';
}

/** A name, or a query, as SUBSCRIBE takes it. Errors: 42601 for several statements. */
function subscribeText(sql: string): string {
  const [statement, ...more] = splitStatements(sql);
  if (more.length > 0)
    throw new SqlError({ code: SqlState.syntaxError, message: 'a subscription is of one relation or query', position: more[0]!.start });
  const text = statement?.text ?? '';
  if (/^subscribe\b/i.test(text)) return text;
  // A comment at its end would hide the parenthesis.
  return /^(?:select|with|values|table)\b|^\(/i.test(text) ? `SUBSCRIBE (${text}\n)` : `SUBSCRIBE ${text}`;
}

async function lastRows(session: ServerSession, sql: string): Promise<AnyRow[]> {
  let rows: AnyRow[] = [];
  for await (const result of session.simpleQuery(sql)) rows = (await rowsOfResult(result, session)) ?? rows;
  return rows;
}

async function rowsWith(session: ServerSession, sql: string, params: readonly Value[]): Promise<AnyRow[]> {
  const rows = await rowsOfResult(await executeBound(session, sql, params), session);
  await session.sync();
  return rows ?? [];
}
