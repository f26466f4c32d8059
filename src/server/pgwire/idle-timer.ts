import { type Clock, SqlError, SqlState, type Timer } from '../../base/index.ts';
import type { ServerSession } from './session-contract.ts';

/** Watches the time between ReadyForQuery and the client's next message: idle_in_transaction_session_timeout and idle_session_timeout. */
export class IdleTimer {
  readonly #clock: Clock;
  readonly #expire: (error: SqlError) => void;
  #timer: Timer | null = null;

  constructor(clock: Clock, expire: (error: SqlError) => void) {
    this.#clock = clock;
    this.#expire = expire;
  }

  start(session: ServerSession): void {
    this.stop();
    const { idleInTransactionMs, idleSessionMs } = session.timeouts();
    const inTransaction = session.transactionStatus !== 'I';
    const limitMs = inTransaction ? idleInTransactionMs : idleSessionMs;
    if (limitMs <= 0) return;
    this.#timer = this.#clock.after(limitMs, () => this.#expire(inTransaction ? idleInTransaction() : idleSession()));
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }
}

function idleInTransaction(): SqlError {
  return new SqlError({
    code: SqlState.idleInTransactionSessionTimeout,
    message: 'terminating connection due to idle-in-transaction timeout',
  });
}

function idleSession(): SqlError {
  return new SqlError({ code: SqlState.idleSessionTimeout, message: 'terminating connection due to idle-session timeout' });
}
