const encoder = new TextEncoder();

/** Largest number of digits an int64 takes, with its sign. */
const INTEGER_TEXT_MAX = 20;
const UINT32 = 4294967296;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Length of \\u0001. */
const ESCAPE_BYTES_MAX = 6;
/** JSON escapes by byte; of other bytes the byte itself. */
const ESCAPES = Array.from({ length: 128 }, (_, byte) => encoder.encode(JSON.stringify(String.fromCharCode(byte)).slice(1, -1)));

/** A growing UTF-8 buffer with the few forms the encoders need, none of which allocates. */
export class TextWriter {
  #bytes = new Uint8Array(65_536);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  #source: Uint8Array | null = null;
  #sourceView: DataView = this.#view;

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
    const bytes = this.#bytes;
    let rest = value;
    if (rest < 0) {
      bytes[this.#length++] = 0x2d;
      rest = -rest;
    }
    let at = this.#length + digitCount(rest);
    this.#length = at;
    while (rest >= 0x7fff_ffff) {
      const quotient = Math.floor(rest / 10);
      bytes[--at] = 0x30 + (rest - quotient * 10);
      rest = quotient;
    }
    let small = rest | 0;
    do {
      const quotient = (small / 10) | 0;
      bytes[--at] = 0x30 + (small - quotient * 10);
      small = quotient;
    } while (small > 0);
  }

  /** A number below 100 with a leading zero. */
  twoDigits(value: number): void {
    if (this.#length + 2 > this.#bytes.length) this.#grow(2);
    const tens = (value / 10) | 0;
    this.#bytes[this.#length++] = 0x30 + tens;
    this.#bytes[this.#length++] = 0x30 + (value - tens * 10);
  }

  /** UTF-8 text as a JSON string: quotes, backslashes and control characters are escaped, nothing else needs to be. */
  jsonString(source: Uint8Array, start: number, end: number): void {
    const most = (end - start) * ESCAPE_BYTES_MAX + 2;
    if (this.#length + most > this.#bytes.length) this.#grow(most);
    if (source !== this.#source) {
      this.#source = source;
      this.#sourceView = new DataView(source.buffer, source.byteOffset, source.byteLength);
    }
    const from = this.#sourceView;
    const view = this.#view;
    const bytes = this.#bytes;
    let to = this.#length;
    bytes[to++] = QUOTE;
    let at = start;
    while (at < end) {
      // Four plain bytes at a time; a word with anything to escape, and the last bytes, go one by one.
      const stop = Math.min(at + 4, end);
      if (at + 4 <= end) {
        const word = from.getInt32(at, true);
        if (isPlain(word)) {
          view.setInt32(to, word, true);
          to += 4;
          at += 4;
          continue;
        }
      }
      for (; at < stop; at++) {
        const byte = source[at]!;
        if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) bytes[to++] = byte;
        else {
          const escaped = ESCAPES[byte]!;
          for (let index = 0; index < escaped.length; index++) bytes[to++] = escaped[index]!;
        }
      }
    }
    bytes[to++] = QUOTE;
    this.#length = to;
  }

  /** The bytes written so far; the writer must not be used again. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(count: number): void {
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

function digitCount(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits++;
  return digits;
}

/** No byte of the word is a control character, a quote or a backslash: none of three subtractions borrows into a byte's top bit. */
function isPlain(word: number): boolean {
  const quote = word ^ 0x22222222;
  const backslash = word ^ 0x5c5c5c5c;
  const borrows = ((word - 0x20202020) & ~word) | ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash);
  return (borrows & 0x80808080) === 0;
}
