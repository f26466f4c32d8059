import { SqlError, SqlState } from '../../../base/index.ts';
import { type Batch, batchFromRows } from '../../../batch/index.ts';
import { type Datum, type SqlType, textType } from '../../../types/index.ts';
import type {
  CopyFormat,
  CopyInResult,
  OutputStyle,
  Portal,
  ResultField,
  RowsResult,
  ServerSession,
  SessionFactory,
  SessionStartup,
  SessionTimeouts,
  StatementDescription,
  StatementResult,
  TransactionStatus,
} from '../session-contract.ts';

/** What a scripted statement does when it runs. */
export type StatementScript = (session: FakeSession, parameters: readonly (Datum | null)[]) => StatementResult | Promise<StatementResult>;

export interface ScriptedStatement {
  readonly parameterTypes?: readonly SqlType[];
  readonly fields?: readonly ResultField[];
  readonly run: StatementScript;
}

/** Statements by their exact text; a text of several statements is cut at `;`. */
export type Scripts = Readonly<Record<string, ScriptedStatement>>;

/** A session that knows a handful of texts: the wire is what is tested. */
class FakeSession implements ServerSession {
  readonly startup: SessionStartup;
  transactionStatus: TransactionStatus = 'I';
  limits: SessionTimeouts = { statementMs: 0, idleInTransactionMs: 0, idleSessionMs: 0 };
  style: OutputStyle = {
    timeZone: 'UTC',
    dateStyle: 'ISO, MDY',
    intervalStyle: 'postgres',
    byteaOutput: 'hex',
    extraFloatDigits: 1,
    registeredName: () => null,
  };
  readonly log: string[] = [];
  readonly abort = { reason: null as SqlError | null, listeners: new Set<(reason: SqlError) => void>() };
  readonly #scripts: Scripts;
  readonly #statements = new Map<string, string>();
  readonly #portals = new Map<string, Portal>();

  constructor(startup: SessionStartup, scripts: Scripts) {
    this.startup = startup;
    this.#scripts = scripts;
  }

  reportedParameters(): ReadonlyMap<string, string> {
    return new Map([
      ['server_version', '18.0'],
      ['DateStyle', 'ISO, MDY'],
      ['TimeZone', 'UTC'],
      ['standard_conforming_strings', 'on'],
      ['application_name', this.startup.settings.get('application_name') ?? ''],
    ]);
  }

  outputStyle(): OutputStyle {
    return this.style;
  }

  timeouts(): SessionTimeouts {
    return this.limits;
  }

  async *simpleQuery(text: string): AsyncIterable<StatementResult> {
    const parts = text.split(';').map((part) => part.trim());
    const statements = parts.filter((part) => part !== '');
    if (statements.length === 0) yield { kind: 'empty' };
    for (const statement of statements) yield await this.#run(this.#script(statement, text), []);
  }

  async prepare(name: string, text: string): Promise<void> {
    if (name !== '' && this.#statements.has(name)) {
      throw new SqlError({ code: SqlState.duplicatePreparedStatement, message: `prepared statement "${name}" already exists` });
    }
    if (text.trim() !== '') this.#script(text, text);
    this.#statements.set(name, text);
  }

  async describeStatement(name: string): Promise<StatementDescription> {
    const text = this.#statements.get(name);
    if (text === undefined) {
      throw new SqlError({ code: SqlState.invalidSqlStatementName, message: `prepared statement "${name}" does not exist` });
    }
    const script = this.#scripts[text];
    return { text, parameterTypes: script?.parameterTypes ?? [], fields: script?.fields ?? null };
  }

  async bind(portal: string, statement: string, parameters: readonly (Datum | null)[]): Promise<void> {
    const description = await this.describeStatement(statement);
    const script = this.#scripts[description.text];
    this.#portals.set(portal, {
      text: description.text,
      fields: description.fields,
      execute: async () => (script === undefined ? { kind: 'empty' } : this.#run(script, parameters)),
    });
  }

  portal(name: string): Portal | null {
    return this.#portals.get(name) ?? null;
  }

  async closeStatement(name: string): Promise<void> {
    this.#statements.delete(name);
  }

  async closePortal(name: string): Promise<void> {
    this.#portals.delete(name);
  }

  async sync(): Promise<void> {
    this.log.push('sync');
    if (this.transactionStatus === 'I') this.#portals.clear();
  }

  async statementFailed(error: SqlError): Promise<void> {
    this.log.push(`failed ${error.code}`);
    if (this.transactionStatus === 'T') this.transactionStatus = 'E';
  }

  cancel(reason: SqlError): void {
    this.abort.reason = reason;
    for (const listener of [...this.abort.listeners]) listener(reason);
  }

  async close(): Promise<void> {
    this.log.push('close');
  }

  /** Waits until the statement is cancelled. */
  untilCancelled(): Promise<never> {
    return new Promise((_, reject) => {
      if (this.abort.reason !== null) reject(this.abort.reason);
      this.abort.listeners.add(reject);
    });
  }

  async #run(script: ScriptedStatement, parameters: readonly (Datum | null)[]): Promise<StatementResult> {
    this.abort.reason = null;
    this.abort.listeners.clear();
    return script.run(this, parameters);
  }

  #script(statement: string, text: string): ScriptedStatement {
    const script = this.#scripts[statement];
    if (script !== undefined) return script;
    const position = text.indexOf(statement);
    throw new SqlError({ code: SqlState.syntaxError, message: `syntax error at or near "${statement.split(' ')[0]}"`, position });
  }
}

export interface FakeFactory extends SessionFactory {
  readonly sessions: FakeSession[];
}

export function fakeFactory(scripts: Scripts): FakeFactory {
  const sessions: FakeSession[] = [];
  return {
    sessions,
    open: async (startup) => {
      if (startup.database === 'missing') {
        throw new SqlError({ code: SqlState.invalidCatalogName, message: 'database "missing" does not exist' });
      }
      const session = new FakeSession(startup, scripts);
      sessions.push(session);
      return session;
    },
  };
}

export function field(name: string, type: SqlType = textType): ResultField {
  return { name, type, relationOid: 0, columnNumber: 0 };
}

/** A statement that returns fixed rows. */
export function selects(
  fields: readonly ResultField[],
  rows: readonly (readonly (Datum | null)[])[],
  weights?: readonly number[],
): ScriptedStatement {
  const types = fields.map((each) => each.type);
  return { fields, run: () => rowsResult(fields, oneBatch(batchFromRows(types, rows, weights))) };
}

export function rowsResult(fields: readonly ResultField[], batches: AsyncIterable<Batch>): RowsResult {
  return { kind: 'rows', fields, batches, tag: (rows) => `SELECT ${rows}` };
}

async function* oneBatch(batch: Batch): AsyncIterable<Batch> {
  yield batch;
}

export const textCopyFormat: CopyFormat = {
  format: 'text',
  delimiter: '\t',
  nullText: '\\N',
  header: false,
  quote: '"',
  escape: '"',
  forceQuote: [],
  forceNotNull: [],
  forceNull: [],
};

export const csvCopyFormat: CopyFormat = { ...textCopyFormat, format: 'csv', delimiter: ',', nullText: '' };

/** A copy-in that keeps its batches and says how it ended. */
export interface RecordedCopy extends CopyInResult {
  readonly batches: Batch[];
  outcome: string;
}

export function copyIn(fields: readonly ResultField[], format: CopyFormat): RecordedCopy {
  const batches: Batch[] = [];
  const copy: RecordedCopy = {
    kind: 'copy-in',
    relationName: 'bids',
    fields,
    format,
    batches,
    outcome: 'open',
    write: async (batch) => {
      batches.push(batch);
    },
    finish: async () => {
      copy.outcome = 'finished';
      return `COPY ${batches.reduce((sum, batch) => sum + batch.rowCount, 0)}`;
    },
    abort: async (reason) => {
      copy.outcome = `aborted ${reason.code}`;
    },
  };
  return copy;
}
