import { writeNumberAsInt64 } from '../int64.ts';

const INITIAL_BYTES = 256;

/** Kafka's primitive types, big-endian (kafka.apache.org/protocol, "Protocol Primitive Types"), before the compact encodings. */
export class WireWriter {
  #bytes = Buffer.alloc(INITIAL_BYTES);
  #view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
  #length = 0;

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  int8(value: number): this {
    const at = this.#advance(1);
    this.#view.setInt8(at, value);
    return this;
  }

  int16(value: number): this {
    const at = this.#advance(2);
    this.#view.setInt16(at, value);
    return this;
  }

  int32(value: number): this {
    const at = this.#advance(4);
    this.#view.setInt32(at, value);
    return this;
  }

  int64(value: bigint): this {
    const at = this.#advance(8);
    this.#view.setBigInt64(at, value);
    return this;
  }

  /** INT64 from a number below 2^53. */
  offset(value: number): this {
    const at = this.#advance(8);
    writeNumberAsInt64(this.#view, at, value);
    return this;
  }

  /** STRING; null as NULLABLE_STRING. */
  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const bytes = Buffer.from(value, 'utf8');
    this.int16(bytes.length);
    return this.raw(bytes);
  }

  /** ARRAY: the count, then each element. */
  array<T>(values: readonly T[], write: (value: T) => void): this {
    this.int32(values.length);
    values.forEach(write);
    return this;
  }

  /** BYTES and RECORDS: the length, then the bytes. */
  bytes(value: Uint8Array): this {
    this.int32(value.length);
    return this.raw(value);
  }

  raw(value: Uint8Array): this {
    const at = this.#advance(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  /** A view of what was written. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Makes room and returns where to write. May replace the buffer, so it has to be called before the buffer is named. */
  #advance(count: number): number {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer, grown.byteOffset, grown.byteLength);
    }
    this.#length = needed;
    return at;
  }
}
