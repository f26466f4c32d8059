import { SqlError } from './sql-error.ts';
import { SqlState } from './sql-state.ts';

/** Reads what ByteWriter wrote. Reading past the end is damaged data (XX001), never undefined. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position: number;

  constructor(bytes: Uint8Array, position = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#position = position;
  }

  get position(): number {
    return this.#position;
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#advance(8), true);
  }

  float64(): number {
    return this.#view.getFloat64(this.#advance(8), true);
  }

  /** A view of the next `count` bytes. */
  raw(count: number): Uint8Array {
    const at = this.#advance(count);
    return this.#bytes.subarray(at, at + count);
  }

  block(): Uint8Array {
    return this.raw(this.uint32());
  }

  text(): string {
    return decoder.decode(this.block());
  }

  #advance(count: number): number {
    const at = this.#position;
    if (count < 0 || at + count > this.#bytes.length) {
      throw new SqlError({
        code: SqlState.dataCorrupted,
        message: `encoded data ends at byte ${this.#bytes.length}, ${count} more expected at byte ${at}`,
      });
    }
    this.#position = at + count;
    return at;
  }
}

const decoder = new TextDecoder();
