/** Int32 words before the text: how often something began or ended, and the bytes of the text. */
const WORDS = 2;
const TEXT_BYTES_MAX = 4096;
const COUNT = 0;
const LENGTH = 1;

const encoder = new TextEncoder();

/** What a thread is at, for other threads to read even while it answers nothing. One writer. */
export class NoteBoard {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #text: Uint8Array;

  /** `memory`: of the board of another thread; default: a new one. */
  constructor(memory = new SharedArrayBuffer(WORDS * 4 + TEXT_BYTES_MAX)) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, WORDS);
    this.#text = new Uint8Array(memory, WORDS * 4);
  }

  begin(text: string): void {
    Atomics.store(this.#words, LENGTH, encoder.encodeInto(text, this.#text).written);
    Atomics.add(this.#words, COUNT, 1);
  }

  end(): void {
    Atomics.add(this.#words, COUNT, 1);
  }

  /** Changes with everything that begins or ends; odd while something is under way. */
  get count(): number {
    return Atomics.load(this.#words, COUNT);
  }

  get text(): string {
    // A decoder takes no shared memory.
    return new TextDecoder().decode(this.#text.slice(0, Atomics.load(this.#words, LENGTH)));
  }
}
