import { SqlError, SqlState } from '../../../../base/index.ts';
import { readInt64AsNumber } from '../int64.ts';

/** Reads what a broker answered. Reading past the end is a protocol violation (08P01), never undefined. */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  int8(): number {
    return this.#view.getInt8(this.#advance(1));
  }

  int16(): number {
    return this.#view.getInt16(this.#advance(2));
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4));
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#advance(8));
  }

  /** INT64 as a number, exact below 2^53. */
  offset(): number {
    return readInt64AsNumber(this.#view, this.#advance(8));
  }

  nullableString(): string | null {
    const length = this.int16();
    if (length < 0) return null;
    const at = this.#advance(length);
    return this.#bytes.toString('utf8', at, at + length);
  }

  string(): string {
    return this.nullableString() ?? '';
  }

  /** ARRAY; null is read as empty. */
  array<T>(read: () => T): T[] {
    const count = this.int32();
    const values: T[] = [];
    for (let index = 0; index < count; index++) values.push(read());
    return values;
  }

  /** BYTES or RECORDS as a view; null is read as empty. */
  bytes(): Uint8Array {
    const length = Math.max(0, this.int32());
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  #advance(count: number): number {
    const at = this.#position;
    if (count < 0 || at + count > this.#bytes.length) {
      throw new SqlError({
        code: SqlState.protocolViolation,
        message: `the Kafka answer ends at byte ${this.#bytes.length}, ${count} more expected at byte ${at}`,
        class: 'external',
      });
    }
    this.#position = at + count;
    return at;
  }
}
