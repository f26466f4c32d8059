import { SqlError, SqlState, toSqlError } from '../base/index.ts';
import type { ParsedStatement } from '../sql/index.ts';
import type { Datum, SqlType } from '../types/index.ts';
import type {
  OutputStyle,
  Portal,
  ResultField,
  ServerSession,
  SessionStartup,
  SessionTimeouts,
  StatementDescription,
  StatementResult,
  TransactionStatus,
} from './contract.ts';
import { inDialect, readStatements, substituteVariables, withOwnTypes, withoutForeignCalls } from './dialect/index.ts';
import { catalogLookup, dropRelationsNamed, dropTemporaryObjects, type Engine } from './engine/index.ts';
import { namedValues } from './named-values.ts';
import { OpenPortal } from './open-portal.ts';
import { searchPath } from './search-path.ts';
import type { PreparedStatement, SessionState } from './session-state.ts';
import { durationMs, SessionSettings } from './settings/index.ts';
import { cancellable, type StatementContext } from './statement-context.ts';
import { describeStatement, executeStatement, handlerOf, isBlockOfItsOwn } from './statements/index.ts';
import { Transaction } from './transaction.ts';

/** One client's conversation: transactions, prepared statements, portals, settings. See contract.ts for what it promises. */
export class Session implements ServerSession {
  readonly #engine: Engine;
  readonly #state: SessionState;
  /** What runs now; cancel aborts it. */
  #running: AbortController | null = null;

  constructor(engine: Engine, startup: SessionStartup) {
    this.#engine = engine;
    const settings = new SessionSettings(
      (name, value) => startup.observer.parameterChanged(name, value),
      new Map(namedValues('setting', engine.snapshot)),
    );
    for (const [name, value] of startup.settings) settings.set(name, value, 'startup');
    this.#state = {
      processId: startup.processId,
      user: startup.user,
      database: startup.database,
      observer: startup.observer,
      settings,
      prepared: new Map(),
      portals: new Map(),
      variables: new Map(),
      looks: { contents: new Map(), positions: new Map() },
      lockHolder: { party: { processId: startup.processId } },
      temporarySchema: null,
      transaction: null,
      lastWriteEpoch: 0,
      beginBlock: (readOnly) => this.#beginBlock(readOnly),
      commit: () => this.#commit(),
      rollback: () => this.#rollback(),
      failTransaction: () => {
        if (this.#state.transaction !== null) this.#state.transaction.failed = true;
      },
    };
  }

  get transactionStatus(): TransactionStatus {
    const transaction = this.#state.transaction;
    if (transaction === null || !transaction.explicit) return 'I';
    return transaction.failed ? 'E' : 'T';
  }

  reportedParameters(): ReadonlyMap<string, string> {
    return this.#state.settings.reported();
  }

  outputStyle(): OutputStyle {
    const { settings } = this.#state;
    const lookup = catalogLookup(this.#engine, searchPath(this.#state));
    return {
      registeredName: (kind, oid) => lookup.objectName(kind, oid),
      timeZone: settings.get('timezone'),
      dateStyle: settings.get('datestyle'),
      intervalStyle: settings.get('intervalstyle'),
      byteaOutput: settings.get('bytea_output') as 'hex' | 'escape',
      extraFloatDigits: Number(settings.get('extra_float_digits')),
    };
  }

  timeouts(): SessionTimeouts {
    const { settings } = this.#state;
    return {
      statementMs: durationMs(settings.get('statement_timeout')),
      idleInTransactionMs: durationMs(settings.get('idle_in_transaction_session_timeout')),
      idleSessionMs: durationMs(settings.get('idle_session_timeout')),
    };
  }

  async *simpleQuery(text: string, { commitEach = false }: { readonly commitEach?: boolean } = {}): AsyncIterable<StatementResult> {
    let count = 0;
    let before: AbortSignal | null = null;
    for await (const written of this.#read(text)) {
      count++;
      before?.throwIfAborted();
      const parsed = this.#inDialect(written);
      this.#openImplicitTransaction();
      const abort = this.#start();
      const result = await this.#run({ parsed, parameters: [], parameterTypes: [], signal: abort.signal });
      yield result;
      // Cancelled at its end, a statement whose effect stands is done: it is what follows that is cancelled.
      if (result.kind !== 'command' || this.#state.transaction?.explicit || this.#state.transaction?.changes.length) abort.signal.throwIfAborted();
      before = abort.signal;
      if (commitEach) await this.#endImplicitTransaction();
    }
    if (count === 0) yield { kind: 'empty' };
    this.#running = null;
    await this.#endImplicitTransaction();
  }

  async prepare(name: string, text: string, parameterTypes: readonly (SqlType | null)[]): Promise<void> {
    if (name !== '' && this.#state.prepared.has(name)) {
      throw new SqlError({ code: SqlState.duplicatePreparedStatement, message: `prepared statement "${name}" already exists` });
    }
    const statements: ParsedStatement[] = [];
    for await (const parsed of this.#read(text)) statements.push(parsed);
    if (statements.length > 1) {
      throw new SqlError({ code: SqlState.syntaxError, message: 'cannot insert multiple commands into a prepared statement' });
    }
    const parsed = statements[0] === undefined ? null : this.#inDialect(statements[0]);
    if (parsed !== null) this.#refuseInFailedTransaction(parsed);
    this.#state.prepared.set(name, this.describeParsed({ name, text, parsed, declaredTypes: parameterTypes }));
  }

  /** A prepared statement with its inferred types; PREPARE uses it, too. */
  describeParsed(statement: Pick<PreparedStatement, 'name' | 'text' | 'parsed' | 'declaredTypes'>): PreparedStatement {
    if (statement.parsed === null) return { ...statement, parameterTypes: [], fields: null };
    const context = this.#context({
      parsed: statement.parsed,
      parameters: null,
      parameterTypes: statement.declaredTypes,
      signal: new AbortController().signal,
    });
    return { ...statement, ...describeStatement(context) };
  }

  async describeStatement(name: string): Promise<StatementDescription> {
    return this.#prepared(name);
  }

  async bind(portal: string, statement: string, parameters: readonly (Datum | null)[]): Promise<void> {
    const prepared = this.#prepared(statement);
    if (portal !== '' && this.#state.portals.has(portal)) {
      throw new SqlError({ code: SqlState.duplicateCursor, message: `portal "${portal}" already exists` });
    }
    if (parameters.length !== prepared.parameterTypes.length) {
      const supplies = `bind message supplies ${parameters.length} parameters, but prepared statement "${statement}" requires ${prepared.parameterTypes.length}`;
      throw new SqlError({ code: SqlState.protocolViolation, message: supplies });
    }
    await this.#state.portals.get(portal)?.close();
    this.#state.portals.set(portal, this.#openPortal(portal, prepared, parameters));
  }

  portal(name: string): Portal | null {
    return this.#state.portals.get(name) ?? null;
  }

  async closeStatement(name: string): Promise<void> {
    this.#state.prepared.delete(name);
  }

  async closePortal(name: string): Promise<void> {
    const portal = this.#state.portals.get(name);
    this.#state.portals.delete(name);
    await portal?.close();
  }

  async sync(): Promise<void> {
    this.#running = null;
    if (this.#state.transaction?.explicit) return;
    await this.#endImplicitTransaction();
  }

  async statementFailed(_error: SqlError): Promise<void> {
    this.#running = null;
    const { transaction } = this.#state;
    if (transaction === null) return;
    if (transaction.explicit) transaction.failed = true;
    else await this.#rollback();
  }

  cancel(reason: SqlError): void {
    this.#running?.abort(reason);
  }

  async close(): Promise<void> {
    this.#running?.abort(new SqlError({ code: SqlState.adminShutdown, message: 'the connection was closed' }));
    await this.#rollback();
    for (const portal of this.#state.portals.values()) await portal.close();
    this.#state.portals.clear();
    this.#engine.tables.locks.releaseAll(this.#state.lockHolder);
    const { temporarySchema } = this.#state;
    if (temporarySchema !== null) await dropTemporaryObjects(temporarySchema, this.#engine);
  }

  #read(text: string): AsyncIterable<ParsedStatement> {
    const { settings, variables } = this.#state;
    return readStatements(substituteVariables(text, variables), () => settings.get('sql_dialect'), this.#engine.registries.importStatement);
  }

  /** Settled only now: an earlier statement of the same text may have changed the dialect or made what the names mean. */
  #inDialect(parsed: ParsedStatement): ParsedStatement {
    const dialect = this.#state.settings.get('sql_dialect');
    const { functions } = this.#engine.registries;
    const exists = (name: string): boolean => functions.functions(name).length > 0 || functions.aggregates(name).length > 0;
    const { snapshot } = this.#state.transaction?.definer ?? this.#engine;
    const named = inDialect(parsed, dialect, () => [...snapshot.relations()]);
    return withoutForeignCalls(withOwnTypes(named, new Map(namedValues('type', snapshot))), { dialect, exists });
  }

  #prepared(name: string): PreparedStatement {
    const prepared = this.#state.prepared.get(name);
    if (prepared !== undefined) return prepared;
    const which = name === '' ? 'unnamed prepared statement' : `prepared statement "${name}"`;
    throw new SqlError({ code: SqlState.invalidSqlStatementName, message: `${which} does not exist` });
  }

  #openPortal(name: string, prepared: PreparedStatement, parameters: readonly (Datum | null)[]): OpenPortal {
    return new OpenPortal({
      name,
      text: prepared.text,
      fields: prepared.fields,
      hold: false,
      start: async () => {
        if (prepared.parsed === null) return { kind: 'empty' };
        this.#openImplicitTransaction();
        const abort = this.#start();
        const result = await this.#run({ parsed: prepared.parsed, parameters, parameterTypes: prepared.parameterTypes, signal: abort.signal });
        if (result.kind === 'rows' && prepared.fields !== null) requireSameFields(prepared.fields, result.fields);
        return result;
      },
    });
  }

  #start(): AbortController {
    this.#running = new AbortController();
    return this.#running;
  }

  async #run(call: Pick<StatementContext, 'parsed' | 'parameters' | 'parameterTypes' | 'signal'>): Promise<StatementResult> {
    this.#refuseInFailedTransaction(call.parsed);
    if (!this.#state.transaction?.explicit) await this.#settle(call.signal);
    const run = (): Promise<StatementResult> => executeStatement(this.#context(call));
    try {
      return await (isBlockOfItsOwn(call.parsed.statement) && !this.#state.transaction?.explicit ? this.#inBlock(run) : run());
    } catch (error) {
      throw toSqlError(error);
    }
  }

  /** All of a statement that makes several definitions, or nothing. */
  async #inBlock(run: () => Promise<StatementResult>): Promise<StatementResult> {
    this.#beginBlock(this.#state.settings.get('transaction_read_only') === 'on');
    try {
      const result = await run();
      await this.#commit();
      return result;
    } catch (error) {
      await this.#rollback();
      throw error;
    }
  }

  #context(call: Pick<StatementContext, 'parsed' | 'parameters' | 'parameterTypes' | 'signal'>): StatementContext {
    const told = new Set<string>();
    return {
      ...call,
      engine: this.#engine,
      definer: this.#state.transaction?.definer ?? this.#engine,
      session: this.#state,
      notice: (notice) => this.#state.observer.notice(notice),
      warn: (warning) => {
        const once = JSON.stringify(warning);
        if (told.has(once)) return;
        told.add(once);
        this.#state.observer.notice({ severity: 'WARNING', code: SqlState.warning, ...warning });
      },
    };
  }

  #refuseInFailedTransaction(parsed: ParsedStatement): void {
    if (!this.#state.transaction?.failed || handlerOf({ parsed }).endsFailedTransaction) return;
    throw new SqlError({
      code: SqlState.inFailedSqlTransaction,
      message: 'current transaction is aborted, commands ignored until end of transaction block',
    });
  }

  #openImplicitTransaction(): void {
    if (this.#state.transaction !== null) return;
    this.#beginSettings(this.#state.settings.get('default_transaction_read_only') === 'on');
    this.#state.transaction = this.#newTransaction({ explicit: false, startMicros: this.#engine.clock.nowMicros() });
  }

  #newTransaction(options: { readonly explicit: boolean; readonly startMicros: bigint }): Transaction {
    const { settings } = this.#state;
    const { party } = this.#state.lockHolder;
    return new Transaction(this.#engine, { ...options, party, isReadOnly: () => settings.get('transaction_read_only') === 'on' });
  }

  #beginSettings(readOnly: boolean): void {
    this.#state.settings.begin();
    this.#state.settings.set('transaction_read_only', readOnly ? 'on' : 'off', 'local');
  }

  /** BEGIN inside an implicit transaction of several statements adopts what they have done, as PostgreSQL does. */
  #beginBlock(readOnly: boolean): void {
    const before = this.#state.transaction;
    const block = this.#newTransaction({ explicit: true, startMicros: before?.startMicros ?? this.#engine.clock.nowMicros() });
    if (before === null) this.#beginSettings(readOnly);
    else this.#state.settings.set('transaction_read_only', readOnly ? 'on' : 'off', 'local');
    for (const changes of before?.changes ?? []) block.add(changes);
    block.droppedAtCommit.push(...(before?.droppedAtCommit ?? []));
    before?.release();
    this.#state.transaction = block;
  }

  async #endImplicitTransaction(): Promise<void> {
    const { transaction } = this.#state;
    if (transaction === null || transaction.explicit) return;
    await (transaction.failed ? this.#rollback() : this.#commit());
  }

  async #commit(): Promise<void> {
    const { transaction } = this.#state;
    if (transaction === null) return;
    this.#state.transaction = null;
    try {
      const epoch = await transaction.commit();
      if (epoch !== null) this.#state.lastWriteEpoch = epoch;
      await dropRelationsNamed(transaction.droppedAtCommit, this.#engine);
      await this.#settle(null);
    } catch (error) {
      this.#state.settings.end('rollback');
      await this.#closePortals();
      throw toSqlError(error);
    }
    this.#state.settings.end('commit');
    await this.#closePortals();
  }

  /** In a test nothing else ends epochs. */
  async #settle(signal: AbortSignal | null): Promise<void> {
    const settled = this.#engine.parts.testing?.settle();
    if (settled !== undefined) await (signal === null ? settled : cancellable(settled, signal));
  }

  async #rollback(): Promise<void> {
    const { transaction } = this.#state;
    this.#state.transaction = null;
    transaction?.release();
    if (transaction !== null) this.#state.settings.end('rollback');
    await this.#closePortals();
  }

  /** Portals live as long as their transaction; only WITH HOLD outlives it. */
  async #closePortals(): Promise<void> {
    for (const [name, portal] of this.#state.portals) {
      if (portal.hold) continue;
      this.#state.portals.delete(name);
      await portal.close();
    }
  }
}

/**
 * The client knows the columns from when the statement was prepared, and reads the rows by them; relations may have been dropped and made anew
 * since. Errors: 0A000 as PostgreSQL, which drivers answer by preparing again.
 */
function requireSameFields(known: readonly ResultField[], fields: readonly ResultField[]): void {
  const same =
    known.length === fields.length && known.every((one, index) => one.name === fields[index]!.name && readAlike(one.type, fields[index]!.type));
  if (same) return;
  throw new SqlError({ code: SqlState.featureNotSupported, message: 'cached plan must not change result type', routine: 'RevalidateCachedQuery' });
}

/** The same type but for its modifier, which changes nothing about how values are sent. */
function readAlike(left: SqlType, right: SqlType): boolean {
  if (left.kind === 'array' && right.kind === 'array') return readAlike(left.element, right.element);
  if (left.kind === 'map' && right.kind === 'map') return readAlike(left.key, right.key) && readAlike(left.value, right.value);
  return left.kind === right.kind;
}
