import { type Clock, SqlError, SqlState } from '../../base/index.ts';

interface Waiter {
  readonly owner: object;
  readonly shared: boolean;
  readonly grant: () => void;
}

interface Lock {
  readonly owners: Set<object>;
  /** The owners have it together; otherwise there is one. */
  shared: boolean;
  readonly waiters: Waiter[];
}

export interface LockRequest {
  /** 0: no limit. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Together with others who ask so. */
  readonly shared?: boolean;
}

/**
 * Writers of one stored table, one at a time and in order of arrival, so that a statement outside a block never fails because of another one; those of a
 * stream together, apart from who rewrites it. A ring of waiters is found when it closes: 40P01.
 */
export class TableLocks {
  readonly #clock: Clock;
  readonly #locks = new Map<number, Lock>();
  readonly #waitingFor = new Map<object, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when `owner` holds the table; again at once when it does already. Errors: 55P03, 40P01. */
  acquire(table: number, owner: object, options: LockRequest): Promise<void> {
    const shared = options.shared ?? false;
    const lock = this.#locks.get(table);
    if (lock === undefined) {
      this.#locks.set(table, { owners: new Set([owner]), shared, waiters: [] });
      return Promise.resolve();
    }
    const holds = lock.owners.has(owner);
    if (holds && (shared || !lock.shared)) return Promise.resolve();
    // Who shares does not overtake who waits to be alone.
    if (admits(lock, { owner, shared }) && (holds || lock.waiters.length === 0)) {
      take(lock, { owner, shared });
      return Promise.resolve();
    }
    if (this.#closesRing(lock, owner)) {
      return Promise.reject(new SqlError({ code: SqlState.deadlockDetected, message: 'deadlock detected', hint: 'Run the transaction again.' }));
    }
    return this.#wait(table, lock, owner, options);
  }

  /** Releases everything `owner` holds. */
  releaseAll(owner: object): void {
    for (const [table, lock] of this.#locks) {
      if (!lock.owners.delete(owner)) continue;
      grantNext(lock);
      if (lock.owners.size === 0) this.#locks.delete(table);
    }
  }

  #wait(table: number, lock: Lock, owner: object, options: LockRequest): Promise<void> {
    this.#waitingFor.set(owner, table);
    return new Promise((resolve, reject) => {
      const giveUp = (error: SqlError): void => {
        const at = lock.waiters.indexOf(waiter);
        if (at < 0) return;
        lock.waiters.splice(at, 1);
        finish();
        reject(error);
        grantNext(lock);
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
        shared: options.shared ?? false,
        grant: () => {
          finish();
          resolve();
        },
      };
      lock.waiters.push(waiter);
      options.signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #closesRing(lock: Lock, wanting: object): boolean {
    const seen = new Set<object>([wanting]);
    const blockers = [...lock.owners];
    for (const blocker of blockers) {
      if (seen.has(blocker)) continue;
      seen.add(blocker);
      const table = this.#waitingFor.get(blocker);
      const owners = table === undefined ? [] : this.#locks.get(table)!.owners;
      for (const owner of owners) {
        if (owner === wanting) return true;
        blockers.push(owner);
      }
    }
    return false;
  }
}

function admits(lock: Lock, { owner, shared }: Pick<Waiter, 'owner' | 'shared'>): boolean {
  const others = lock.owners.size - (lock.owners.has(owner) ? 1 : 0);
  return others === 0 || (shared && lock.shared);
}

function take(lock: Lock, { owner, shared }: Pick<Waiter, 'owner' | 'shared'>): void {
  lock.owners.add(owner);
  lock.shared = shared;
}

function grantNext(lock: Lock): void {
  for (let next = lock.waiters[0]; next !== undefined && admits(lock, next); next = lock.waiters[0]) {
    lock.waiters.shift();
    take(lock, next);
    next.grant();
  }
}
