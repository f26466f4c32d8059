/** Growing little-endian byte buffer. `bytes()` is a view that the next write may invalidate; `take()` hands the bytes over. */
export class ByteWriter {
  #buffer: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 256) {
    this.#buffer = new Uint8Array(capacity);
    this.#view = new DataView(this.#buffer.buffer);
  }

  get length(): number {
    return this.#length;
  }

  reset(): void {
    this.#length = 0;
  }

  uint8(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  uint16(value: number): void {
    this.#reserve(2);
    this.#view.setUint16(this.#length, value, true);
    this.#length += 2;
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value >>> 0, true);
    this.#length += 4;
  }

  int32(value: number): void {
    this.#reserve(4);
    this.#view.setInt32(this.#length, value, true);
    this.#length += 4;
  }

  int64(value: bigint): void {
    this.#reserve(8);
    this.#view.setBigInt64(this.#length, value, true);
    this.#length += 8;
  }

  float64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** uint32 byte length, then the bytes. */
  block(bytes: Uint8Array): void {
    this.uint32(bytes.length);
    this.raw(bytes);
  }

  /** UTF-8 text as a block. */
  text(value: string): void {
    if (value.length > SHORT_TEXT || !this.#shortAscii(value)) this.block(encoder.encode(value));
  }

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  take(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  setUint32(position: number, value: number): void {
    this.#view.setUint32(position, value >>> 0, true);
  }

  /** Most texts are names: without a call of the encoder. False, and nothing is written, when a character takes more than a byte. */
  #shortAscii(value: string): boolean {
    const { length } = value;
    this.#reserve(4 + length);
    const start = this.#length + 4;
    for (let at = 0; at < length; at++) {
      const code = value.charCodeAt(at);
      if (code > LAST_ASCII) return false;
      this.#buffer[start + at] = code;
    }
    this.#view.setUint32(this.#length, length, true);
    this.#length = start + length;
    return true;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Up to here a loop is quicker than the encoder. */
const SHORT_TEXT = 32;
const LAST_ASCII = 0x7f;
const encoder = new TextEncoder();
