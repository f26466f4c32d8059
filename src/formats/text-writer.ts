const encoder = new TextEncoder();

/** Largest number of digits an int64 takes, with its sign. */
const INTEGER_TEXT_MAX = 20;
const UINT32 = 4294967296;

/** A growing UTF-8 buffer with the few forms the encoders need, none of which allocates. */
export class TextWriter {
  #bytes = new Uint8Array(65_536);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = value;
  }

  bytes(source: Uint8Array, start: number, end: number): void {
    const count = end - start;
    if (this.#length + count > this.#bytes.length) this.#grow(count);
    if (count > 48) this.#bytes.set(source.subarray(start, end), this.#length);
    else for (let at = start, to = this.#length; at < end; at++, to++) this.#bytes[to] = source[at]!;
    this.#length += count;
  }

  text(value: string): void {
    if (this.#length + value.length * 3 > this.#bytes.length) this.#grow(value.length * 3);
    this.#length += encoder.encodeInto(value, this.#bytes.subarray(this.#length)).written;
  }

  /** Decimal text of an int64 slot given as its two words. */
  int64(low: number, high: number): void {
    const value = high * UINT32 + (low >>> 0);
    if (Number.isSafeInteger(value)) this.safeInteger(value);
    else this.text(((BigInt(high) << 32n) | BigInt(low >>> 0)).toString());
  }

  safeInteger(value: number): void {
    if (this.#length + INTEGER_TEXT_MAX > this.#bytes.length) this.#grow(INTEGER_TEXT_MAX);
    let rest = value;
    if (rest < 0) {
      this.#bytes[this.#length++] = 0x2d;
      rest = -rest;
    }
    let digits = 1;
    for (let limit = 10; rest >= limit; limit *= 10) digits++;
    let at = this.#length + digits;
    this.#length = at;
    while (rest >= 0x7fff_ffff) {
      const quotient = Math.floor(rest / 10);
      this.#bytes[--at] = 0x30 + (rest - quotient * 10);
      rest = quotient;
    }
    let small = rest | 0;
    do {
      const quotient = (small / 10) | 0;
      this.#bytes[--at] = 0x30 + (small - quotient * 10);
      small = quotient;
    } while (small > 0);
  }

  /** The number with at least `width` digits. */
  padded(value: number, width: number): void {
    for (let limit = 10 ** (width - 1); value < limit && limit > 1; limit /= 10) this.byte(0x30);
    this.safeInteger(value);
  }

  /** The bytes written so far; the writer must not be used again. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(count: number): void {
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
