import { type Clock, type DirectoryLock, SqlError, SqlState, type Storage, type Timer } from '../../base/index.ts';
import { type Incarnation, signOfLife } from './incarnation.ts';

/** Between two signs of life. */
const SIGN_MS = 500;
/** Behind a check a holder leads for so long without another one: less than any standby waits. */
const TRUST_MS = 1_000;
/** Between two looks of a standby. */
const LOOK_MS = 250;

/** How a server waits for the directory of another one. */
export interface StandbyOptions {
  /** A holder that shows no sign of life for so long, on this process's monotonic clock, is replaced. */
  readonly leaseMs: number;
  /** Ends the waiting with its reason. */
  readonly signal: AbortSignal;
  /** Called once, with what is known of the holder, when there is one. */
  readonly waiting: (holder: SqlError) => void;
}

export interface Watched {
  readonly storage: Storage;
  readonly lock: DirectoryLock;
  readonly clock: Clock;
}

/**
 * Resolves with the lock once its holder has gone or shows no life any more. The lease decides when somebody takes over, never what is safe: a holder that
 * only slept finds its incarnation gone. No two clocks are compared, and time this process itself did not run counts for nothing.
 */
export async function waitForLock({ storage, lock, clock }: Watched, standby: StandbyOptions): Promise<void> {
  let seen: string | null = null;
  let quietMs = 0;
  let lookedMs = clock.monotonicMs();
  for (let looks = 0; ; looks++) {
    const holder = await lock.acquire().then(() => null, inUse);
    if (holder === null) return;
    if (looks === 0) standby.waiting(holder);
    const sign = await signOfLife(storage);
    const nowMs = clock.monotonicMs();
    quietMs = sign === null || sign !== seen ? 0 : quietMs + Math.min(nowMs - lookedMs, 2 * LOOK_MS);
    if (quietMs >= standby.leaseMs && (await lock.seize().then(() => null, inUse)) === null) return;
    seen = sign;
    lookedMs = nowMs;
    await pause(clock, LOOK_MS, standby.signal);
  }
}

/** The holder's side: it shows life for as long as the lease lasts, and knows when it may have slept. A sign that fails is given again with the next one. */
export class Lease {
  readonly #incarnation: Incarnation;
  readonly #clock: Clock;
  readonly #timer: Timer;
  #confirmedMs: number;

  private constructor(incarnation: Incarnation, clock: Clock) {
    this.#incarnation = incarnation;
    this.#clock = clock;
    this.#confirmedMs = clock.monotonicMs();
    this.#timer = clock.every(SIGN_MS, () => void this.#show().catch(() => undefined));
  }

  static async begin(incarnation: Incarnation, clock: Clock): Promise<Lease> {
    const lease = new Lease(incarnation, clock);
    await lease.#show();
    return lease;
  }

  /** Null: nobody can have taken over. Otherwise resolves when that is known again; throws 55006 when somebody has. */
  confirm(): Promise<void> | null {
    return this.#clock.monotonicMs() - this.#confirmedMs < TRUST_MS ? null : this.#check();
  }

  end(): void {
    this.#timer.cancel();
  }

  async #show(): Promise<void> {
    await this.#check();
    await this.#incarnation.showLife();
  }

  async #check(): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    await this.#incarnation.check();
    this.#confirmedMs = nowMs;
  }
}

function inUse(error: unknown): SqlError {
  if (error instanceof SqlError && error.code === SqlState.objectInUse) return error;
  throw error;
}

function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      timer.cancel();
      reject(signal.reason);
    };
    const timer = clock.after(delayMs, () => {
      signal.removeEventListener('abort', end);
      resolve();
    });
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
