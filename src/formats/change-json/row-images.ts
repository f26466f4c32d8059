/** Where one row of a change event lies in some bytes. */
interface ImageRange {
  readonly message: number;
  readonly start: number;
  readonly end: number;
}

/**
 * The rows that some change events put and take away. Rows put lie in the messages; rows taken are copied, since what identifies one may have to be
 * pieced together. Within one event all rows are taken before any is put.
 */
export class RowImages {
  readonly put: ImageRange[] = [];
  readonly taken: ImageRange[] = [];
  #takenBytes = new Uint8Array(256);
  #takenLength = 0;

  /** Bytes the ranges of `taken` refer to. */
  get takenBytes(): Uint8Array {
    return this.#takenBytes;
  }

  addPut(message: number, start: number, end: number): void {
    this.put.push({ message, start, end });
  }

  /** Takes away the row whose JSON object is the parts one behind the other. */
  addTaken(message: number, parts: readonly Uint8Array[]): void {
    const start = this.#takenLength;
    for (const part of parts) this.#append(part);
    this.taken.push({ message, start, end: this.#takenLength });
  }

  /** Forgets what a message has added so far: it turned out to be bad. */
  forget(message: number): void {
    for (const ranges of [this.put, this.taken]) while (ranges.at(-1)?.message === message) ranges.pop();
  }

  #append(bytes: Uint8Array): void {
    const end = this.#takenLength + bytes.length;
    if (end > this.#takenBytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#takenBytes.length * 2));
      grown.set(this.#takenBytes.subarray(0, this.#takenLength));
      this.#takenBytes = grown;
    }
    this.#takenBytes.set(bytes, this.#takenLength);
    this.#takenLength = end;
  }
}
