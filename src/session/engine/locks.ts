import { type Clock, SqlError, SqlState } from '../../base/index.ts';

/** What is locked: the writers of a relation, or a number that applications have agreed on (PostgreSQL's advisory locks, 13.3.5). */
export type LockTarget =
  | { readonly kind: 'relation'; readonly oid: number }
  /** As pg_locks shows it: the halves of a bigint and 1, or two integers and 2. All are unsigned. */
  | { readonly kind: 'advisory'; readonly classId: number; readonly objectId: number; readonly subId: 1 | 2 };

/** Who waits: a session, by the number pg_backend_pid() shows; 0 is the server itself. Whatever a party holds never stands in its own way. */
export interface LockParty {
  readonly processId: number;
}

/** For how long a lock is held: a transaction, or a session. */
export interface LockHolder {
  readonly party: LockParty;
}

export interface LockMode {
  /** Together with others who ask so. */
  readonly shared?: boolean;
}

export interface LockRequest extends LockMode {
  /** 0: no limit. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A lock as somebody holds it or waits for it. */
export interface LockEntry {
  readonly target: LockTarget;
  readonly processId: number;
  readonly shared: boolean;
  readonly granted: boolean;
}

interface Waiter {
  readonly holder: LockHolder;
  readonly shared: boolean;
  readonly grant: () => void;
}

/** How often a holder has taken a lock in each of its modes. */
interface Hold {
  shared: number;
  exclusive: number;
}

interface Lock {
  readonly target: LockTarget;
  readonly holds: Map<LockHolder, Hold>;
  readonly waiters: Waiter[];
}

/**
 * Locks of all sessions, in order of arrival. Writers of one stored table take turns, so that a statement outside a block never fails because of another
 * one; those of a stream share it, apart from who rewrites it. A ring of waiters is found when it closes, whatever they wait for: 40P01.
 */
export class Locks {
  readonly #clock: Clock;
  readonly #locks = new Map<string, Lock>();
  readonly #waitingFor = new Map<LockParty, Lock>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when `holder` has the lock, once more where it had it before. Errors: 55P03, 40P01. */
  async acquire(target: LockTarget, holder: LockHolder, request: LockRequest): Promise<void> {
    if (this.tryAcquire(target, holder, request)) return;
    const lock = this.#locks.get(keyOf(target))!;
    if (this.#closesRing(lock, holder.party)) {
      throw new SqlError({ code: SqlState.deadlockDetected, message: 'deadlock detected', hint: 'Run the transaction again.' });
    }
    await this.#wait(lock, holder, request);
  }

  /** The same without waiting; false when it would have to. */
  tryAcquire(target: LockTarget, holder: LockHolder, { shared = false }: LockMode): boolean {
    const key = keyOf(target);
    let lock = this.#locks.get(key);
    if (lock === undefined) {
      lock = { target, holds: new Map(), waiters: [] };
      this.#locks.set(key, lock);
    }
    const wanted = { holder, shared };
    // Who shares does not overtake who waits to be alone.
    const inTurn = lock.waiters.length === 0 || [...lock.holds.keys()].some(({ party }) => party === holder.party);
    if (!inTurn || !admits(lock, wanted)) return false;
    take(lock, wanted);
    return true;
  }

  /** Takes one acquisition back; false when `holder` has none in this mode. */
  release(target: LockTarget, holder: LockHolder, { shared = false }: LockMode): boolean {
    const lock = this.#locks.get(keyOf(target));
    const hold = lock?.holds.get(holder);
    const mode = shared ? 'shared' : 'exclusive';
    if (lock === undefined || hold === undefined || hold[mode] === 0) return false;
    hold[mode]--;
    if (hold.shared + hold.exclusive === 0) lock.holds.delete(holder);
    this.#passOn(lock);
    return true;
  }

  /** Releases everything `holder` has. */
  releaseAll(holder: LockHolder): void {
    for (const lock of this.#locks.values()) if (lock.holds.delete(holder)) this.#passOn(lock);
  }

  /** Everything that is held or waited for, held ones of a lock first. */
  *entries(): Generator<LockEntry> {
    for (const { target, holds, waiters } of this.#locks.values()) {
      for (const [{ party }, hold] of holds) {
        for (const mode of ['shared', 'exclusive'] as const) {
          if (hold[mode] > 0) yield { target, processId: party.processId, shared: mode === 'shared', granted: true };
        }
      }
      for (const { holder, shared } of waiters) yield { target, processId: holder.party.processId, shared, granted: false };
    }
  }

  #passOn(lock: Lock): void {
    for (let next = lock.waiters[0]; next !== undefined && admits(lock, next); next = lock.waiters[0]) {
      lock.waiters.shift();
      take(lock, next);
      next.grant();
    }
    if (lock.holds.size === 0) this.#locks.delete(keyOf(lock.target));
  }

  #wait(lock: Lock, holder: LockHolder, { timeoutMs, signal, shared = false }: LockRequest): Promise<void> {
    signal.throwIfAborted();
    this.#waitingFor.set(holder.party, lock);
    return new Promise((resolve, reject) => {
      const giveUp = (error: SqlError): void => {
        const at = lock.waiters.indexOf(waiter);
        if (at < 0) return;
        lock.waiters.splice(at, 1);
        finish();
        reject(error);
        this.#passOn(lock);
      };
      const onAbort = (): void => giveUp(signal.reason as SqlError);
      const lockTimeout = new SqlError({ code: SqlState.lockNotAvailable, message: 'canceling statement due to lock timeout' });
      const timer = timeoutMs > 0 ? this.#clock.after(timeoutMs, () => giveUp(lockTimeout)) : null;
      const finish = (): void => {
        timer?.cancel();
        signal.removeEventListener('abort', onAbort);
        this.#waitingFor.delete(holder.party);
      };
      const waiter: Waiter = {
        holder,
        shared,
        grant: () => {
          finish();
          resolve();
        },
      };
      lock.waiters.push(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #closesRing(lock: Lock, wanting: LockParty): boolean {
    const seen = new Set([wanting]);
    const blockers = partiesOf(lock);
    for (const blocker of blockers) {
      if (seen.has(blocker)) continue;
      seen.add(blocker);
      const awaited = this.#waitingFor.get(blocker);
      for (const party of awaited === undefined ? [] : partiesOf(awaited)) {
        if (party === wanting) return true;
        blockers.push(party);
      }
    }
    return false;
  }
}

function keyOf(target: LockTarget): string {
  return target.kind === 'relation' ? `${target.oid}` : `${target.classId} ${target.objectId} ${target.subId}`;
}

function partiesOf(lock: Lock): LockParty[] {
  return [...lock.holds.keys()].map(({ party }) => party);
}

function admits(lock: Lock, { holder, shared }: Pick<Waiter, 'holder' | 'shared'>): boolean {
  for (const [other, hold] of lock.holds) if (other.party !== holder.party && !(shared && hold.exclusive === 0)) return false;
  return true;
}

function take(lock: Lock, { holder, shared }: Pick<Waiter, 'holder' | 'shared'>): void {
  const hold = lock.holds.get(holder) ?? { shared: 0, exclusive: 0 };
  hold[shared ? 'shared' : 'exclusive']++;
  lock.holds.set(holder, hold);
}
