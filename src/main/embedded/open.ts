import { consoleLogger } from '../../base/adapters/console-logger.ts';
import { SqlError, SqlState, toSqlError } from '../../base/index.ts';
import { type Batch, rowsOf } from '../../batch/index.ts';
import type { ResultField, ServerSession, SessionNotice, StatementResult } from '../../session/index.ts';
import { quoteIdentifier, splitStatements } from '../../sql/index.ts';
import { VirtualClock } from '../../tools/sqltest/virtual-clock.ts';
import type { DatumFormatOptions } from '../../types/index.ts';
import { openLocalSession, textStyle } from '../local-session.ts';
import { type Database, MAX_PARALLELISM, openDatabase } from '../open-database.ts';
import type { Aggregate, ArgumentsOf, Change, EmbeddedDatabase, OpenOptions, Signature, TableSignature, Value } from './api.ts';
import { argumentNames, codeOf, dollarQuoted } from './function-text.ts';
import { toDatum, toValue } from './values.ts';

/** The engine in this process, behind functions instead of a protocol (interface.md, 6). Errors: those of the data directory; 22023 for options that contradict. */
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
  const clock = options.clock === undefined ? null : virtualClock(options.clock);
  const slots = options.slots ?? 1;
  if (!Number.isInteger(slots) || slots < 1 || slots > MAX_PARALLELISM) {
    throw new SqlError({ code: SqlState.invalidParameterValue, message: `slots is a whole number from 1 to ${MAX_PARALLELISM}` });
  }
  const database = await openDatabase({
    dataDir: options.dataDir ?? null,
    slots,
    host: options.threads === true ? 'workers' : 'in-thread',
    logger: consoleLogger('warn'),
    ...(clock === null ? {} : { clock }),
  });
  const onNotice = options.onNotice ?? (() => undefined);
  return new Embedded(database, { session: await openLocalSession(database, onNotice), onNotice, clock });
}

type AnyRow = Record<string, Value>;

class Embedded implements EmbeddedDatabase {
  readonly #database: Database;
  readonly #session: ServerSession;
  readonly #onNotice: (notice: SessionNotice) => void;
  readonly #clock: VirtualClock | null;
  readonly #subscriptions = new Set<ServerSession>();
  /** A session does one thing at a time. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(
    database: Database,
    {
      session,
      onNotice,
      clock,
    }: { readonly session: ServerSession; readonly onNotice: (notice: SessionNotice) => void; readonly clock: VirtualClock | null },
  ) {
    this.#database = database;
    this.#session = session;
    this.#onNotice = onNotice;
    this.#clock = clock;
  }

  query<Row extends object>(sql: string, params: readonly Value[] = []): Promise<Row[]> {
    return this.#inTurn(async () => (params.length === 0 ? await lastRows(this.#session, sql) : await rowsWith(this.#session, sql, params)) as Row[]);
  }

  advance(milliseconds: number): Promise<Date> {
    return this.#inTurn(async () => {
      const clock = this.#clock;
      if (clock === null) {
        throw new SqlError({
          code: SqlState.objectNotInPrerequisiteState,
          message: 'this database goes by the time of the machine',
          hint: 'Open it with { memory: true, clock: new Date(…) }.',
        });
      }
      if (!Number.isSafeInteger(milliseconds) || milliseconds < 0)
        throw new SqlError({ code: SqlState.invalidParameterValue, message: 'a clock is moved on by a whole number of milliseconds' });
      await moveOn(clock, milliseconds);
      await lastRows(this.#session, 'FLUSH');
      return timeOf(clock);
    });
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

/** Parts in which a clock is moved on: what is due in one of them gets to run before the next one. */
const STEPS_MAX = 1000;
const STEP_MS_MIN = 10;

/** Errors: 22023 for what is no time. */
function virtualClock(start: Date): VirtualClock {
  const milliseconds = start.getTime();
  if (Number.isNaN(milliseconds)) throw new SqlError({ code: SqlState.invalidParameterValue, message: 'clock is not a time' });
  return new VirtualClock(BigInt(milliseconds) * 1000n);
}

function timeOf(clock: VirtualClock): Date {
  return new Date(Number(clock.nowMicros() / 1000n));
}

async function moveOn(clock: VirtualClock, milliseconds: number): Promise<void> {
  const stepMs = Math.max(STEP_MS_MIN, Math.ceil(milliseconds / STEPS_MAX));
  for (let leftMs = milliseconds; leftMs > 0; leftMs -= stepMs) {
    clock.advanceTo(clock.nowMicros() + BigInt(Math.min(leftMs, stepMs)) * 1000n);
    await new Promise((resolve) => setImmediate(resolve));
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

/** By the extended protocol's way: types of parameters are inferred. Errors: 08P01 for another number of parameters. */
async function rowsWith(session: ServerSession, sql: string, params: readonly Value[]): Promise<AnyRow[]> {
  await session.prepare('', sql, []);
  const { parameterTypes } = await session.describeStatement('');
  if (parameterTypes.length !== params.length) {
    const message = `the statement has ${parameterTypes.length} parameters, and ${params.length} values are given`;
    throw new SqlError({ code: SqlState.protocolViolation, message });
  }
  const { timeZone } = session.outputStyle();
  await session.bind(
    '',
    '',
    params.map((value, index) => toDatum(value, parameterTypes[index]!, timeZone)),
  );
  const rows = await rowsOfResult(await session.portal('')!.execute(), session);
  await session.sync();
  return rows ?? [];
}

/** Null for a statement without rows. Errors: 0A000 for COPY FROM STDIN. */
async function rowsOfResult(result: StatementResult, session: ServerSession): Promise<AnyRow[] | null> {
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

function batchRows(batch: Batch, fields: readonly ResultField[], style: DatumFormatOptions): AnyRow[] {
  return rowsOf(batch).flatMap((row, index) => {
    const named = Object.fromEntries(fields.map(({ name, type }, column) => [name, toValue(row[column]!, type, style)]));
    return new Array<AnyRow>(batch.weights === null ? 1 : batch.weights[index]!).fill(named);
  });
}
