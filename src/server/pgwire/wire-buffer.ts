import { writeUtf8 } from '../../types/index.ts';

/** Fill a buffer up to here, then hand it to the socket. */
export const CHUNK_BYTES = 1024 * 1024;
const FIRST_BYTES = 8 * 1024;

/**
 * Growing big-endian buffer for messages of the server. `bytes` and `position` are open to the value writers, which call `reserve` first
 * and then store without checks; `reserve` may replace `bytes`.
 */
export class WireBuffer {
  bytes = new Uint8Array(FIRST_BYTES);
  view = new DataView(this.bytes.buffer);
  position = 0;

  /** After it, `count` bytes can be stored from `position` on. */
  reserve(count: number): void {
    const needed = this.position + count;
    if (needed > this.bytes.length) this.#grow(needed);
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.position++] = value;
  }

  int16(value: number): void {
    this.reserve(2);
    this.view.setInt16(this.position, value);
    this.position += 2;
  }

  int32(value: number): void {
    this.reserve(4);
    this.view.setInt32(this.position, value);
    this.position += 4;
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.position);
    this.position += bytes.length;
  }

  /** Text as UTF-8 without length or terminator. Lone surrogates become U+FFFD. */
  text(value: string): void {
    this.reserve(value.length * 3);
    this.position = writeUtf8(value, this.bytes, this.position);
  }

  /** Text with the zero byte that ends it; zero bytes inside it cannot be sent and are left out. */
  zeroTerminated(value: string): void {
    this.text(value.includes('\0') ? value.replaceAll('\0', '') : value);
    this.byte(0);
  }

  /** Starts a message and gives the place of its length, for `end`. */
  begin(code: number): number {
    this.reserve(5);
    this.bytes[this.position] = code;
    const lengthAt = this.position + 1;
    this.position += 5;
    return lengthAt;
  }

  end(lengthAt: number): void {
    this.view.setInt32(lengthAt, this.position - lengthAt);
  }

  /** A message without payload. */
  empty(code: number): void {
    this.end(this.begin(code));
  }

  /** Everything stored so far, as bytes of their own; the buffer is empty afterwards. */
  take(): Uint8Array {
    const used = this.position;
    this.position = 0;
    if (used * 4 < this.bytes.length) return this.bytes.slice(0, used);
    const full = this.bytes.subarray(0, used);
    this.#replace(new Uint8Array(Math.min(this.bytes.length, CHUNK_BYTES)));
    return full;
  }

  /** Gives back the memory a large result needed. */
  shrink(): void {
    if (this.position === 0 && this.bytes.length > FIRST_BYTES) this.#replace(new Uint8Array(FIRST_BYTES));
  }

  #grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, Math.min(this.bytes.length * 4, CHUNK_BYTES + CHUNK_BYTES / 4), this.bytes.length));
    grown.set(this.bytes.subarray(0, this.position));
    this.#replace(grown);
  }

  #replace(bytes: Uint8Array<ArrayBuffer>): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }
}
