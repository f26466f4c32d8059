import { type Clock, SqlError, SqlState } from '../../base/index.ts';

interface Waiter {
  readonly owner: object;
  readonly grant: () => void;
}

interface Lock {
  owner: object;
  readonly waiters: Waiter[];
}

/**
 * Writers of one stored table, one at a time and in order of arrival, so that a statement outside a block never fails because of another one. A
 * ring of waiters is found when it closes: 40P01.
 */
export class TableLocks {
  readonly #clock: Clock;
  readonly #locks = new Map<number, Lock>();
  readonly #waitingFor = new Map<object, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when `owner` holds the table; again at once when it does already. `timeoutMs` 0: no limit. Errors: 55P03, 40P01. */
  acquire(table: number, owner: object, options: { readonly timeoutMs: number; readonly signal: AbortSignal }): Promise<void> {
    const lock = this.#locks.get(table);
    if (lock === undefined) {
      this.#locks.set(table, { owner, waiters: [] });
      return Promise.resolve();
    }
    if (lock.owner === owner) return Promise.resolve();
    if (this.#closesRing(lock.owner, owner)) {
      return Promise.reject(new SqlError({ code: SqlState.deadlockDetected, message: 'deadlock detected', hint: 'Run the transaction again.' }));
    }
    return this.#wait(table, lock, owner, options);
  }

  /** Releases everything `owner` holds. */
  releaseAll(owner: object): void {
    for (const [table, lock] of this.#locks) {
      if (lock.owner !== owner) continue;
      const next = lock.waiters.shift();
      if (next === undefined) this.#locks.delete(table);
      else {
        lock.owner = next.owner;
        next.grant();
      }
    }
  }

  #wait(table: number, lock: Lock, owner: object, options: { readonly timeoutMs: number; readonly signal: AbortSignal }): Promise<void> {
    this.#waitingFor.set(owner, table);
    return new Promise((resolve, reject) => {
      const giveUp = (error: SqlError): void => {
        const at = lock.waiters.indexOf(waiter);
        if (at < 0) return;
        lock.waiters.splice(at, 1);
        finish();
        reject(error);
      };
      const onAbort = (): void => giveUp(options.signal.reason as SqlError);
      const lockTimeout = new SqlError({ code: SqlState.lockNotAvailable, message: 'canceling statement due to lock timeout' });
      const timer = options.timeoutMs > 0 ? this.#clock.after(options.timeoutMs, () => giveUp(lockTimeout)) : null;
      const finish = (): void => {
        timer?.cancel();
        options.signal.removeEventListener('abort', onAbort);
        this.#waitingFor.delete(owner);
      };
      const waiter: Waiter = {
        owner,
        grant: () => {
          finish();
          resolve();
        },
      };
      lock.waiters.push(waiter);
      options.signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #closesRing(holder: object, wanting: object): boolean {
    let current: object | undefined = holder;
    while (current !== undefined) {
      const table = this.#waitingFor.get(current);
      if (table === undefined) return false;
      current = this.#locks.get(table)?.owner;
      if (current === wanting) return true;
    }
    return false;
  }
}
