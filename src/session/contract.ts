import type { SqlError, SqlErrorFields } from '../base/index.ts';
import type { Batch } from '../batch/index.ts';
import type { Datum, SqlType } from '../types/index.ts';

/**
 * What a protocol front end (src/server) needs of a session, and all it may rely on. The front end owns bytes, encodings, flow control and
 * timers; the session owns settings, transactions, the name spaces of prepared statements and portals (shared with SQL's PREPARE and
 * DECLARE) and everything a statement means.
 *
 * Laws
 * - One call at a time: the front end awaits each promise (and finishes or returns each iterator) before the next call.
 *   Exceptions: cancel, close and the getters may be called at any moment.
 * - Every failure is a rejected promise; its SqlError positions refer to the text given to simpleQuery or prepare.
 * - After every error it reports, whoever raised it, the front end calls statementFailed once before anything else.
 */
export interface SessionFactory {
  /** Rejects with 3D000 for an unknown database, 22023 or 42704 for a bad start-up setting, 57P03 while the engine is starting or stopping. */
  open(startup: SessionStartup): Promise<ServerSession>;
}

export interface SessionStartup {
  readonly user: string;
  readonly database: string;
  /** Settings of the start-up packet (application_name, client_encoding, `-c name=value` of options …), names as sent. */
  readonly settings: ReadonlyMap<string, string>;
  /** What pg_backend_pid() returns. */
  readonly processId: number;
  readonly observer: SessionObserver;
}

/** Calls the session makes while it works; both may come at any moment between open and close and must not throw. */
export interface SessionObserver {
  /** A setting that PostgreSQL marks GUC_REPORT got a new value (SET, RESET, ROLLBACK of a SET …); the reported spelling of its name. */
  parameterChanged(name: string, value: string): void;
  notice(notice: SessionNotice): void;
}

export interface SessionNotice extends Omit<SqlErrorFields, 'code'> {
  readonly severity: 'DEBUG' | 'LOG' | 'INFO' | 'NOTICE' | 'WARNING';
  /** 00000 for notices, 01000 and others for warnings. */
  readonly code: string;
}

/** `I` idle, `T` in a transaction block, `E` in a failed one. */
export type TransactionStatus = 'I' | 'T' | 'E';

export interface ServerSession {
  /** The status a ReadyForQuery would carry now. */
  readonly transactionStatus: TransactionStatus;
  /** Reported settings with their first values, PostgreSQL's spelling (DateStyle, TimeZone, application_name, server_version …). */
  reportedParameters(): ReadonlyMap<string, string>;
  /** Settings that change how values are written; asked before each result is encoded. */
  outputStyle(): OutputStyle;
  /** Current time limits; asked before each statement and at each ReadyForQuery. */
  timeouts(): SessionTimeouts;

  /**
   * Runs every statement of `text` in order. The front end asks for the next result only after it has used the last one up (all batches
   * read, or copy ended), so a statement is complete when the next is asked for. A text without a statement yields one `empty`. An error
   * ends the iteration; results already yielded stand. Statements without BEGIN form one implicit transaction, which is committed before
   * the iteration ends (an error of that commit is thrown by the last `next`). `return()` stops: roll back what is not committed.
   * With `commitEach` there is no such transaction: each statement is committed before the next begins, as where a client sends them one by one.
   */
  simpleQuery(text: string, options?: { readonly commitEach?: boolean }): AsyncIterable<StatementResult>;

  /**
   * Parse message. '' is the unnamed statement (replaced silently), an existing other name is 42P05. More than one statement is 42601.
   * `parameterTypes`: wanted type of $1 …, null or missing where the session has to infer it.
   */
  prepare(name: string, text: string, parameterTypes: readonly (SqlType | null)[]): Promise<void>;
  /** Rejects with 26000 when there is none of that name. In a failed transaction still allowed for what returns no rows, else 25P02. */
  describeStatement(name: string): Promise<StatementDescription>;
  /**
   * Bind message. Parameters are decoded by the front end with the types describeStatement gave. '' is the unnamed portal (replaced
   * silently); another existing name is 42P03; unknown statement 26000; wrong number of parameters 08P01.
   */
  bind(portal: string, statement: string, parameters: readonly (Datum | null)[]): Promise<void>;
  /** The portal as an object, or null. The object stays the same while the portal lives: the front end keeps its progress by it. */
  portal(name: string): Portal | null;
  /** Close messages; a missing name is no error. A portal's running result ends (its resources are released by the session). */
  closeStatement(name: string): Promise<void>;
  closePortal(name: string): Promise<void>;
  /**
   * Sync message: ends an implicit transaction (commit, or nothing after a failure) and with it all portals outside a transaction block.
   * A commit error is thrown; the front end reports it, calls statementFailed, then sends ReadyForQuery.
   */
  sync(): Promise<void>;

  /** An error was reported to the client: an open block becomes failed (`E`), an implicit transaction is rolled back. Never rejects. */
  statementFailed(error: SqlError): Promise<void>;
  /** Makes whatever runs now reject with exactly this error, soon, also while it waits for rows. Nothing running: no effect. */
  cancel(reason: SqlError): void;
  /** Rolls back and releases everything; called once, also after a broken connection. Never rejects. */
  close(): Promise<void>;
}

export interface OutputStyle {
  /** IANA name or fixed offset as TimeZone shows it. */
  readonly timeZone: string;
  readonly dateStyle: string;
  readonly intervalStyle: string;
  readonly byteaOutput: 'hex' | 'escape';
  readonly extraFloatDigits: number;
  /** Text of a regclass, regtype, regproc or regnamespace value (without schema where the search path finds it); null: nothing has that oid. */
  readonly registeredName: (kind: 'regclass' | 'regtype' | 'regproc' | 'regnamespace', oid: number) => string | null;
}

/** Milliseconds; 0 = no limit. */
export interface SessionTimeouts {
  readonly statementMs: number;
  readonly idleInTransactionMs: number;
  readonly idleSessionMs: number;
}

/** A column of a result. */
export interface ResultField {
  readonly name: string;
  readonly type: SqlType;
  /** Oid of the relation the column comes from unchanged, and its 1-based number there; 0 and 0 for an expression. */
  readonly relationOid: number;
  readonly columnNumber: number;
}

export interface StatementDescription {
  /** As given to prepare; error positions refer to it. For a statement made by SQL's PREPARE the text of that. */
  readonly text: string;
  readonly parameterTypes: readonly SqlType[];
  /** Null when the statement returns no rows (COPY included). */
  readonly fields: readonly ResultField[] | null;
}

export interface Portal {
  /** Text of its statement; error positions refer to it. */
  readonly text: string;
  readonly fields: readonly ResultField[] | null;
  /**
   * Starts the statement; called at most once in the portal's life. Later Execute messages continue reading the same batches.
   * `empty` for an empty text. A statement that writes has done so completely before its batches start.
   */
  execute(): Promise<StatementResult>;
}

/** What one statement gives back. Nothing else may reach the client, except notices and parameter changes. */
export type StatementResult = EmptyResult | CommandResult | RowsResult | CopyOutResult | CopyInResult;

/** There was no statement in the text. */
export interface EmptyResult {
  readonly kind: 'empty';
}

export interface CommandResult {
  readonly kind: 'command';
  /** Command tag as PostgreSQL writes it: `CREATE TABLE`, `INSERT 0 3`, `BEGIN`. */
  readonly tag: string;
}

/**
 * Rows. The columns of each batch match `fields` in number and type (numeric, varchar … may differ in modifier). Weights, where
 * present, are positive and repeat the row. Batches may be empty and may come for ever (SUBSCRIBE); the front end flushes whenever the
 * next batch is not there at once. `return()` on the iterator is called when the front end stops early; the iterator throws on errors and on cancel.
 */
export interface RowsResult {
  readonly kind: 'rows';
  readonly fields: readonly ResultField[];
  readonly batches: AsyncIterable<Batch>;
  /** Command tag, from the number of rows sent: `SELECT 5`, `INSERT 0 5`. */
  readonly tag: (rows: number) => string;
}

/** COPY … TO STDOUT; the front end writes the text. Rules for `batches` and cancelling as for rows; the tag is `COPY n`. */
export interface CopyOutResult {
  readonly kind: 'copy-out';
  readonly fields: readonly ResultField[];
  readonly format: CopyFormat;
  readonly batches: AsyncIterable<Batch>;
}

/** COPY … FROM STDIN; the front end reads text into batches of the given columns. Exactly one of finish and abort ends it. */
export interface CopyInResult {
  readonly kind: 'copy-in';
  /** For error messages: `COPY name, line 3, column v: "x"`. */
  readonly relationName: string;
  readonly fields: readonly ResultField[];
  readonly format: CopyFormat;
  /** Takes one batch (no weights) and the line of the data each row came from; resolves when more may come (backpressure). */
  write(batch: Batch, lines: readonly number[]): Promise<void>;
  /** All data is in; resolves to the command tag `COPY n` when the rows are where an INSERT would have put them. */
  finish(): Promise<string>;
  /** The client sent CopyFail, bad data, or went away: nothing of it stays. Never rejects. */
  abort(reason: SqlError): Promise<void>;
}

/** COPY options, checked and defaulted by the session as PostgreSQL does (0A000 for FORMAT binary is raised there, too). */
export interface CopyFormat {
  readonly format: 'text' | 'csv';
  /** One character. Default: tab for text, comma for csv. */
  readonly delimiter: string;
  /** Text of NULL. Default: `\N` for text, empty for csv. */
  readonly nullText: string;
  /** `match`: the header line must equal the column names (FROM only). */
  readonly header: boolean | 'match';
  /** csv only; one character each. */
  readonly quote: string;
  readonly escape: string;
  /** csv, TO: positions of the fields always quoted. */
  readonly forceQuote: readonly number[];
  /** csv, FROM: fields whose unquoted NULL text is read as empty text; fields whose quoted NULL text is read as NULL. */
  readonly forceNotNull: readonly number[];
  readonly forceNull: readonly number[];
}
