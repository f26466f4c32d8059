import { type Clock, SqlError, SqlState } from '../base/index.ts';
import type { AdvisoryLock, SessionActions } from '../expr/index.ts';
import type { LockTarget } from './engine/index.ts';
import { durationMs } from './settings/index.ts';
import { cancellable, type StatementContext } from './statement-context.ts';

const MICROS_PER_MS = 1000n;
/** A timer counts milliseconds in 32 bits: a longer sleep is made of several. */
const SLICE_MICROS_MAX = 86_400_000_000n;

/** What calls in a statement may do to its session. */
export function sessionActions(context: StatementContext): SessionActions {
  const { engine, session, signal } = context;
  const { locks } = engine.tables;
  return {
    clockMicros: () => engine.clock.nowMicros(),
    sleep: (micros) => cancellable(passing(micros, context), signal),
    setSetting(name, value, { local }) {
      if (value === null) session.settings.reset(name);
      else session.settings.set(name, value, local ? 'local' : 'session');
      return session.settings.get(name);
    },
    async lock(lock) {
      const timeoutMs = durationMs(session.settings.get('lock_timeout'));
      await locks.acquire(targetOf(lock), holderOf(lock, context), { timeoutMs, signal, shared: lock.shared });
      noteLock(lock, context);
    },
    tryLock(lock) {
      const held = locks.tryAcquire(targetOf(lock), holderOf(lock, context), lock);
      if (held) noteLock(lock, context);
      return held;
    },
    unlock(lock) {
      const released = locks.release(targetOf(lock), session.lockHolder, lock);
      if (!released) {
        const message = `you don't own a lock of type ${lock.shared ? 'ShareLock' : 'ExclusiveLock'}`;
        context.notice({ severity: 'WARNING', code: SqlState.warning, message });
      }
      return released;
    },
    unlockAll: () => locks.releaseAll(session.lockHolder),
  };
}

/** In a test nobody else moves the clock: to wait is to move it. */
async function passing(micros: bigint, { engine, signal }: StatementContext): Promise<void> {
  const { testing } = engine.parts;
  if (testing !== undefined) return testing.advanceTo(engine.clock.nowMicros() + micros);
  for (let left = micros; left > 0n; left -= SLICE_MICROS_MAX) {
    await after(left < SLICE_MICROS_MAX ? left : SLICE_MICROS_MAX, engine.clock, signal);
  }
}

function after(micros: bigint, clock: Clock, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve) => {
    const timer = clock.after(Number((micros + MICROS_PER_MS - 1n) / MICROS_PER_MS), resolve);
    signal.addEventListener('abort', () => timer.cancel(), { once: true });
  });
}

function targetOf({ classId, objectId, subId }: Omit<AdvisoryLock, 'heldBy'>): LockTarget {
  return { kind: 'advisory', classId, objectId, subId };
}

function holderOf({ heldBy }: AdvisoryLock, { session }: StatementContext): StatementContext['session']['lockHolder'] {
  if (heldBy === 'session') return session.lockHolder;
  if (session.transaction !== null) return session.transaction;
  throw new SqlError({ code: SqlState.noActiveSqlTransaction, message: 'there is no transaction that could hold the lock' });
}

function noteLock(lock: AdvisoryLock, { session }: StatementContext): void {
  if (lock.heldBy === 'transaction') session.transaction?.addAdvisoryLock({ target: targetOf(lock), shared: lock.shared });
}
