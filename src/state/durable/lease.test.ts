import { describe, expect, it } from 'vitest';
import { type Clock, type DirectoryLock, SqlError, SqlState, type Storage, seededRandom } from '../../base/index.ts';
import { SimulatedDisk } from '../testing/index.ts';
import { Incarnation } from './incarnation.ts';
import { Lease, waitForLock } from './lease.ts';

const LEASE_MS = 3_000;
const DAY_MICROS = 86_400_000_000n;

/** Time that tests turn. `sleep` is time in which nothing ran: what was due runs once, late. */
class Turned implements Clock {
  wallMicros = 0n;
  #nowMs = 0;
  #timers: { dueMs: number; readonly everyMs: number | null; readonly run: () => void }[] = [];

  nowMicros = (): bigint => this.wallMicros;
  monotonicMs = (): number => this.#nowMs;
  after = (delayMs: number, run: () => void) => this.#add(delayMs, null, run);
  every = (everyMs: number, run: () => void) => this.#add(everyMs, everyMs, run);

  #add(delayMs: number, everyMs: number | null, run: () => void) {
    const timer = { dueMs: this.#nowMs + delayMs, everyMs, run };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  async pass(ms: number): Promise<void> {
    for (const end = this.#nowMs + ms; this.#nowMs < end; ) await this.sleep(50);
  }

  async sleep(ms: number): Promise<void> {
    this.#nowMs += ms;
    this.wallMicros += BigInt(ms) * 1_000n;
    for (const timer of this.#timers.filter(({ dueMs }) => dueMs <= this.#nowMs)) {
      if (timer.everyMs === null) this.#timers = this.#timers.filter((other) => other !== timer);
      else timer.dueMs = this.#nowMs + timer.everyMs;
      timer.run();
    }
    for (let turn = 0; turn < 300; turn++) await Promise.resolve();
  }
}

/** A lock that somebody holds. */
class HeldLock implements DirectoryLock {
  held = true;
  seized = 0;

  async acquire(): Promise<void> {
    if (this.held) throw new SqlError({ code: SqlState.objectInUse, message: 'in use' });
  }

  async seize(): Promise<void> {
    this.seized++;
  }

  async announce(): Promise<void> {
    return undefined;
  }

  async release(): Promise<void> {
    return undefined;
  }
}

/** A leader and a standby, each with a clock of its own. */
async function pair() {
  const storage: Storage = new SimulatedDisk(seededRandom(1)).storage();
  const [leaderClock, clock] = [new Turned(), new Turned()];
  const lock = new HeldLock();
  const losses: SqlError[] = [];
  const incarnation = await Incarnation.claim(storage, (error) => losses.push(error));
  const lease = await Lease.begin(incarnation, leaderClock);
  const stop = new AbortController();
  let leads = false;
  let failure: unknown = null;
  void waitForLock({ storage, lock, clock }, { leaseMs: LEASE_MS, signal: stop.signal, waiting: () => undefined }).then(
    () => {
      leads = true;
    },
    (error: unknown) => {
      failure = error;
    },
  );
  const both = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 50) {
      await leaderClock.pass(50);
      await clock.pass(50);
    }
  };
  return { storage, leaderClock, clock, lock, losses, incarnation, lease, stop, both, leads: () => leads, failure: () => failure };
}

describe('a lease', () => {
  it('lasts while its holder shows life', async () => {
    const { both, leads, lock } = await pair();
    await both(60_000);
    expect([leads(), lock.seized]).toEqual([false, 0]);
  });

  it('ends when the holder has gone, at once', async () => {
    const { clock, lock, leads } = await pair();
    lock.held = false;
    await clock.pass(300);
    expect([leads(), lock.seized]).toEqual([true, 0]);
  });

  it('ends when the holder sleeps, and the holder is told when it wakes', async () => {
    const { clock, leaderClock, both, lock, leads, losses, lease, storage } = await pair();
    await both(5_000);
    await clock.pass(LEASE_MS - 100);
    expect(leads()).toBe(false);
    await clock.pass(1_000);
    expect([leads(), lock.seized]).toEqual([true, 1]);
    await Incarnation.claim(storage, () => undefined);
    expect(lease.confirm()).toBeNull();
    await leaderClock.sleep(10_000);
    await expect(lease.confirm()).rejects.toMatchObject({ code: '55006' });
    expect(losses).toEqual([expect.objectContaining({ code: '55006', message: expect.stringContaining('taken over') })]);
  });

  it('is not ended by clocks that jump a day, either way', async () => {
    const { clock, leaderClock, both, leads } = await pair();
    await both(2_000);
    clock.wallMicros += DAY_MICROS;
    await both(2_000);
    leaderClock.wallMicros -= DAY_MICROS;
    await both(2_000);
    clock.wallMicros -= 2n * DAY_MICROS;
    await both(2_000);
    expect(leads()).toBe(false);
  });

  it('is not ended by a sleep of the standby, or of the whole machine', async () => {
    const { clock, leaderClock, both, leads } = await pair();
    await both(2_000);
    await clock.sleep(3_600_000);
    await both(2_000);
    expect(leads()).toBe(false);
    await clock.sleep(3_600_000);
    await leaderClock.sleep(3_600_000);
    await both(2_000);
    expect(leads()).toBe(false);
  });

  it('of a holder that never showed life does not end, since nothing tells what it does', async () => {
    const { clock, lease, incarnation, leads, stop, failure } = await pair();
    lease.end();
    await incarnation.close();
    await clock.pass(60_000);
    expect(leads()).toBe(false);
    stop.abort(new Error('enough'));
    await clock.pass(100);
    expect(failure()).toEqual(new Error('enough'));
  });
});
