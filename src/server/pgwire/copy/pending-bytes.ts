/** Bytes that arrive in pieces of any size and are used up from the front. */
export class PendingBytes {
  #buffer: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;

  /** What is there; valid until the next `append`. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  append(bytes: Uint8Array): void {
    if (this.#start === this.#end) {
      this.#buffer = bytes;
      this.#start = 0;
      this.#end = bytes.length;
      return;
    }
    const held = this.#end - this.#start;
    // Doubling keeps a record that arrives in many small pieces from being copied once for each of them.
    const grown = new Uint8Array(Math.max(held + bytes.length, Math.min(held * 2, 64 * 1024 * 1024)));
    grown.set(this.#buffer.subarray(this.#start, this.#end));
    grown.set(bytes, held);
    this.#buffer = grown;
    this.#start = 0;
    this.#end = held + bytes.length;
  }

  consume(count: number): void {
    this.#start += count;
  }
}
