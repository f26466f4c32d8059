import { type Clock, SqlError, SqlState, type Timer } from '../../base/index.ts';
import type { ServerSession } from './session-contract.ts';

/**
 * The part of a connection's life in which a statement can be cancelled: by a cancel request, by statement_timeout, by the client
 * going away, by the server stopping. Outside it a cancel does nothing, as in PostgreSQL.
 */
export class StatementScope {
  readonly #session: ServerSession;
  readonly #clock: Clock;
  readonly #waiting = new Set<(reason: SqlError) => void>();
  #active = false;
  #reason: SqlError | null = null;
  #timer: Timer | null = null;

  constructor(session: ServerSession, clock: Clock) {
    this.#session = session;
    this.#clock = clock;
  }

  get active(): boolean {
    return this.#active;
  }

  /** Starts a statement, or the next one of a text; the statement time limit counts from here. */
  begin(): void {
    this.end();
    this.#active = true;
    const { statementMs } = this.#session.timeouts();
    if (statementMs <= 0) return;
    const reason = new SqlError({ code: SqlState.queryCanceled, message: 'canceling statement due to statement timeout' });
    this.#timer = this.#clock.after(statementMs, () => this.cancel(reason));
  }

  end(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#active = false;
    this.#reason = null;
  }

  cancel(reason: SqlError): void {
    if (!this.#active || this.#reason !== null) return;
    this.#reason = reason;
    this.#session.cancel(reason);
    for (const reject of [...this.#waiting]) reject(reason);
  }

  throwIfCancelled(): void {
    if (this.#reason !== null) throw this.#reason;
  }

  /** Waits for something of the connection (never of the session, which is told by `cancel` itself), or until cancelled. */
  wait<Value>(promise: Promise<Value>): Promise<Value> {
    if (this.#reason !== null) return Promise.reject(this.#reason);
    return new Promise((resolve, reject) => {
      const finish = (): boolean => this.#waiting.delete(reject);
      this.#waiting.add(reject);
      promise.then(
        (value) => {
          finish();
          resolve(value);
        },
        (error: unknown) => {
          finish();
          reject(error);
        },
      );
    });
  }
}
