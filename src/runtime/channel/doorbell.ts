const RINGS = 0;
const ASLEEP = 1;

/**
 * Wakes a slot from another thread: a counter in shared memory. A slot that finds nothing to do says that it sleeps, looks once more,
 * and waits for the counter to change; a ringer pays for a notification only when somebody sleeps.
 */
export class Doorbell {
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(8);
  }

  ring(): void {
    Atomics.add(this.#words, RINGS, 1);
    if (Atomics.load(this.#words, ASLEEP) === 1) Atomics.notify(this.#words, RINGS);
  }

  /** To be read before the last look for work. */
  rings(): number {
    return Atomics.load(this.#words, RINGS);
  }

  announceSleep(asleep: boolean): void {
    Atomics.store(this.#words, ASLEEP, asleep ? 1 : 0);
  }

  /** Resolves when the bell has been rung since `seen`, or after `timeoutMs`. */
  async wait(seen: number, timeoutMs: number): Promise<void> {
    const outcome = Atomics.waitAsync(this.#words, RINGS, seen, timeoutMs);
    if (outcome.async) await outcome.value;
  }
}
