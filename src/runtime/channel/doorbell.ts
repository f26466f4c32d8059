const RINGS = 0;
const ASLEEP = 1;
/** From here on a bit a line. */
const LINES = 2;
/** Lines of a bell, from 0. Where there are more ends of channels they share some, which costs those who hear of each other a look for nothing. */
export const BELL_LINES = 4096;
const BITS_A_WORD = 32;
const WORD_COUNT = LINES + BELL_LINES / BITS_A_WORD;

/** A line of the bell of a slot: an end of a channel. Plain data. */
export interface BellLine {
  readonly bell: SharedArrayBuffer;
  readonly line: number;
}

/**
 * Wakes a slot from another thread: a counter in shared memory, and a bit for each line that says who in the slot is meant. A slot that finds nothing to do
 * says that it sleeps, looks once more, and waits for the counter to change; a ringer pays for a notification only when somebody sleeps, and the first one only:
 * a notification is a call of the kernel, and one who is being woken needs no second.
 */
export class Doorbell {
  readonly #words: Int32Array;
  /** Rings at the last look at the lines. */
  #heard = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(WORD_COUNT * Int32Array.BYTES_PER_ELEMENT);
  }

  /** Wakes the slot, for whatever it may find. */
  ring(): void {
    Atomics.add(this.#words, RINGS, 1);
    if (Atomics.load(this.#words, ASLEEP) === 1 && Atomics.exchange(this.#words, ASLEEP, 0) === 1) Atomics.notify(this.#words, RINGS);
  }

  /** Wakes the slot for a line. What the line is about has to be done before. */
  ringLine(line: number): void {
    const word = LINES + Math.floor(line / BITS_A_WORD);
    const bit = 1 << (line % BITS_A_WORD);
    if ((Atomics.load(this.#words, word) & bit) === 0) Atomics.or(this.#words, word, bit);
    this.ring();
  }

  /** Tells `each` the lines that have been rung since the last time. By one end only. */
  takeLines(each: (line: number) => void): void {
    const rings = this.rings();
    if (rings === this.#heard) return;
    this.#heard = rings;
    for (let word = LINES; word < WORD_COUNT; word++) {
      if (Atomics.load(this.#words, word) === 0) continue;
      let bits = Atomics.exchange(this.#words, word, 0);
      for (let line = (word - LINES) * BITS_A_WORD; bits !== 0; line++, bits >>>= 1) if ((bits & 1) === 1) each(line);
    }
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

/** What the other end of a channel rings. */
export class BellPull {
  readonly #bell: Doorbell;
  readonly #line: number;

  constructor({ bell, line }: BellLine) {
    this.#bell = new Doorbell(bell);
    this.#line = line;
  }

  ring(): void {
    this.#bell.ringLine(this.#line);
  }
}
