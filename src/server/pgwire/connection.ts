import type { Duplex } from 'node:stream';
import { type Clock, type Logger, SqlError, SqlState, type Timer, toSqlError } from '../../base/index.ts';
import { writeAuthenticationOk, writeBackendKeyData, writeParameterStatus, writeReadyForQuery } from './backend-messages.ts';
import { type ErrorSeverity, writeErrorResponse, writeNoticeResponse } from './error-fields.ts';
import { ExtendedQuery } from './extended-query.ts';
import type { FrontendMessage } from './frontend-message.ts';
import { IdleTimer } from './idle-timer.ts';
import { IncomingMessages } from './incoming-messages.ts';
import type { WireContext } from './result-sender.ts';
import type { ServerSession, SessionFactory, SessionObserver } from './session-contract.ts';
import { type ClientRequest, receiveStartup, type StartupOutcome } from './startup.ts';
import { runSimpleQuery } from './statement-runner.ts';
import { StatementScope } from './statement-scope.ts';
import { WireOutput } from './wire-output.ts';

/** PostgreSQL's authentication_timeout is a minute; a connection that says nothing has no business here for so long. */
const STARTUP_TIMEOUT_MS = 10_000;
/** How long a statement may go on for a client that has closed its sending side. */
const HALF_CLOSED_GRACE_MS = 1000;

/** What a connection needs of the server around it. */
export interface ConnectionEnvironment {
  readonly sessions: SessionFactory;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly processId: number;
  readonly secret: number;
  /** Throws 53300 or 57P03 when no further session may be opened; called after start-up packet, as PostgreSQL does. */
  admit(connection: Connection): void;
  /** A cancel request for another connection. */
  cancel(processId: number, secret: number): void;
}

/** What pg_stat_activity shows of a connection. */
export interface ConnectionActivity {
  readonly processId: number;
  readonly user: string;
  readonly database: string;
  readonly startedAtMicros: bigint;
  readonly stateChangedAtMicros: bigint;
  readonly state: 'active' | 'idle' | 'idle in transaction' | 'idle in transaction (aborted)';
  readonly query: string;
}

/** One client, from its first byte to the closed socket. */
export class Connection {
  readonly processId: number;
  readonly secret: number;
  readonly #environment: ConnectionEnvironment;
  readonly #stream: Duplex;
  readonly #output: WireOutput;
  readonly #incoming: IncomingMessages;
  readonly #idleTimer: IdleTimer;
  readonly #startedAtMicros: bigint;
  #stateChangedAtMicros: bigint;
  #request: ClientRequest | null = null;
  #context: WireContext | null = null;
  /** Set once the connection has to end with this error. */
  #fatal: SqlError | null = null;
  #query = '';
  /** Text that positions of notices refer to. */
  #text: string | null = null;
  /** An error of the extended protocol: everything up to the next Sync is skipped. */
  #skipping = false;
  #graceTimer: Timer | null = null;
  #ended = false;

  constructor(stream: Duplex, environment: ConnectionEnvironment) {
    this.processId = environment.processId;
    this.secret = environment.secret;
    this.#environment = environment;
    this.#stream = stream;
    this.#output = new WireOutput(stream);
    this.#idleTimer = new IdleTimer(environment.clock, (error) => this.terminate(error));
    this.#startedAtMicros = environment.clock.nowMicros();
    this.#stateChangedAtMicros = this.#startedAtMicros;
    this.#incoming = new IncomingMessages(stream, {
      halfClosed: () => {
        // Nothing to watch over before a session is open and after it has ended: a timer would only keep the process alive.
        if (this.#context !== null && !this.#ended) this.#graceTimer = environment.clock.after(HALF_CLOSED_GRACE_MS, () => this.#clientGone());
      },
      gone: () => this.#clientGone(),
    });
  }

  /** Serves the client until it leaves. Never rejects. */
  async run(): Promise<void> {
    try {
      const startup = await this.#startup();
      if (startup.kind === 'cancel') this.#environment.cancel(startup.processId, startup.secret);
      if (startup.kind === 'open') await this.#serve(startup.request);
    } catch (error) {
      this.#fatal ??= toSqlError(error);
    } finally {
      this.#ended = true;
      this.#idleTimer.stop();
      this.#graceTimer?.cancel();
      await this.#context?.session.close();
      this.#end();
    }
  }

  activity(): ConnectionActivity | null {
    if (this.#context === null || this.#request === null) return null;
    const { user, database } = this.#request;
    return {
      processId: this.processId,
      user,
      database,
      startedAtMicros: this.#startedAtMicros,
      stateChangedAtMicros: this.#stateChangedAtMicros,
      state: this.#context.scope.active ? 'active' : idleStates[this.#context.session.transactionStatus],
      query: this.#query,
    };
  }

  /** Stops what runs now, if something does. */
  cancelStatement(reason: SqlError): void {
    this.#context?.scope.cancel(reason);
  }

  /** Ends the connection with a FATAL error: at once when idle, else as soon as the statement has stopped. */
  terminate(error: SqlError): void {
    this.#fatal ??= error;
    this.#context?.scope.cancel(error);
    this.#incoming.stop();
  }

  /** Breaks the connection without a word. */
  destroy(): void {
    this.#stream.destroy();
  }

  async #startup(): Promise<StartupOutcome> {
    const timer = this.#environment.clock.after(STARTUP_TIMEOUT_MS, () => this.destroy());
    try {
      return await receiveStartup(this.#incoming, this.#output);
    } finally {
      timer.cancel();
    }
  }

  async #serve(request: ClientRequest): Promise<void> {
    this.#environment.admit(this);
    this.#request = request;
    const session = await this.#openSession(request);
    const scope = new StatementScope(session, this.#environment.clock);
    this.#context = { session, output: this.#output, scope };
    this.#greet(session);
    const extended = new ExtendedQuery(this.#context, this.#incoming);
    for (;;) {
      const message = await this.#incoming.next();
      this.#idleTimer.stop();
      if (message === null || message.kind === 'terminate') return;
      await this.#handle(message, this.#context, extended);
      if (this.#fatal !== null) return;
    }
  }

  #openSession(request: ClientRequest): Promise<ServerSession> {
    const observer: SessionObserver = {
      parameterChanged: (name, value) => writeParameterStatus(this.#output.buffer, name, value),
      notice: (notice) => {
        writeNoticeResponse(this.#output.buffer, notice, this.#text);
        // A notice says what goes on now, so it does not wait for the result.
        this.#output.flush();
      },
    };
    return this.#environment.sessions.open({ ...request, processId: this.processId, observer });
  }

  #greet(session: ServerSession): void {
    const { buffer } = this.#output;
    writeAuthenticationOk(buffer);
    const parameters = new Map([...fixedParameters, ...session.reportedParameters()]);
    for (const [name, value] of parameters) writeParameterStatus(buffer, name, value);
    writeBackendKeyData(buffer, this.processId, this.secret);
    this.#ready(session);
  }

  async #handle(message: FrontendMessage, context: WireContext, extended: ExtendedQuery): Promise<void> {
    if (message.kind === 'sync') return this.#sync(context);
    if (this.#skipping) return;
    switch (message.kind) {
      case 'query':
        return this.#simple(context, message.text, () => runSimpleQuery(context, this.#incoming, message.text));
      case 'function-call':
        return this.#simple(context, '', () => Promise.reject(functionCallRefused()));
      case 'broken':
        if (message.simple) return this.#simple(context, '', () => Promise.reject(message.error));
        return this.#extended(context, extended, () => Promise.reject(message.error));
      case 'parse':
      case 'bind':
      case 'describe':
      case 'execute':
      case 'close':
        if (message.kind === 'parse') this.#query = message.text;
        return this.#extended(context, extended, () => extended.handle(message));
      case 'flush':
        return this.#output.flush();
      case 'copy-data':
      case 'copy-done':
      case 'copy-fail':
        // Left over from a copy that failed.
        return;
      default:
        throw new SqlError({ code: SqlState.protocolViolation, message: `unexpected ${message.kind} message` });
    }
  }

  async #simple(context: WireContext, text: string, run: () => Promise<void>): Promise<void> {
    this.#query = text;
    this.#text = text;
    try {
      await this.#inScope(context, run);
    } catch (error) {
      await this.#report(context, toSqlError(error), text);
    }
    this.#text = null;
    this.#ready(context.session);
  }

  async #extended(context: WireContext, extended: ExtendedQuery, run: () => Promise<void>): Promise<void> {
    try {
      await this.#inScope(context, run);
    } catch (error) {
      this.#skipping = true;
      await this.#report(context, toSqlError(error), extended.text);
    }
  }

  async #sync(context: WireContext): Promise<void> {
    this.#skipping = false;
    try {
      await this.#inScope(context, () => context.session.sync());
    } catch (error) {
      await this.#report(context, toSqlError(error), null);
    }
    this.#ready(context.session);
  }

  async #inScope(context: WireContext, run: () => Promise<void>): Promise<void> {
    this.#stateChangedAtMicros = this.#environment.clock.nowMicros();
    context.scope.begin();
    try {
      await run();
    } finally {
      context.scope.end();
    }
  }

  async #report(context: WireContext, error: SqlError, text: string | null): Promise<void> {
    if (error.class === 'internal') this.#environment.logger.log('error', error.message, { sqlstate: error.code, cause: error.cause });
    // The last word of a connection that ends is its FATAL error, written by #end.
    if (this.#fatal === null) this.#writeError(error, 'ERROR', text);
    await context.session.statementFailed(error);
  }

  #writeError(error: SqlError, severity: ErrorSeverity, text: string | null): void {
    writeErrorResponse(this.#output.buffer, error, { severity, text });
  }

  #ready(session: ServerSession): void {
    if (this.#fatal !== null) return;
    this.#stateChangedAtMicros = this.#environment.clock.nowMicros();
    writeReadyForQuery(this.#output.buffer, session.transactionStatus);
    this.#output.flush();
    this.#output.buffer.shrink();
    this.#idleTimer.start(session);
  }

  #clientGone(): void {
    const reason = new SqlError({ code: SqlState.connectionFailure, message: 'connection to client lost' });
    this.#fatal ??= reason;
    this.#context?.scope.cancel(reason);
  }

  #end(): void {
    if (this.#fatal !== null) this.#writeError(this.#fatal, 'FATAL', null);
    this.#output.flush();
    this.#incoming.stop();
    if (!this.#stream.destroyed) this.#stream.end();
  }
}

const idleStates = { I: 'idle', T: 'idle in transaction', E: 'idle in transaction (aborted)' } as const;

/** What every session reports whatever its settings are; a session may report its own values of these. */
const fixedParameters: readonly (readonly [string, string])[] = [
  ['server_encoding', 'UTF8'],
  ['client_encoding', 'UTF8'],
  ['integer_datetimes', 'on'],
  ['in_hot_standby', 'off'],
];

function functionCallRefused(): SqlError {
  return new SqlError({
    code: SqlState.featureNotSupported,
    message: 'the function call protocol is not supported',
    hint: 'Use SELECT function(…) instead.',
  });
}
