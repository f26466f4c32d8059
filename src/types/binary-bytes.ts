import { SqlError, SqlState } from '../base/index.ts';

/** Network byte order (big endian), as the PostgreSQL protocol's binary format has it; ByteWriter is little endian. */
export class BinaryWriter {
  #buffer = Buffer.allocUnsafe(64);
  #length = 0;

  int8(value: number): void {
    this.#reserve(1);
    this.#length = this.#buffer.writeUInt8(value & 0xff, this.#length);
  }

  int16(value: number): void {
    this.#reserve(2);
    this.#length = this.#buffer.writeUInt16BE(value & 0xffff, this.#length);
  }

  int32(value: number): void {
    this.#reserve(4);
    this.#length = this.#buffer.writeUInt32BE(value >>> 0, this.#length);
  }

  int64(value: bigint): void {
    this.#reserve(8);
    this.#length = this.#buffer.writeBigInt64BE(value, this.#length);
  }

  float32(value: number): void {
    this.#reserve(4);
    this.#length = this.#buffer.writeFloatBE(value, this.#length);
  }

  float64(value: number): void {
    this.#reserve(8);
    this.#length = this.#buffer.writeDoubleBE(value, this.#length);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  take(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#length + count, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}

export interface BinaryReader {
  readonly remaining: number;
  int8(): number;
  int16(): number;
  int32(): number;
  int64(): bigint;
  float32(): number;
  float64(): number;
  raw(count: number): Uint8Array;
}

/** Reads binary-format bytes; too few of them are 22P03. */
export function openBinary(bytes: Uint8Array): BinaryReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position = 0;
  const advance = (count: number): number => {
    if (count < 0 || position + count > bytes.length) {
      throw new SqlError({ code: SqlState.invalidBinaryRepresentation, message: 'insufficient data left in message' });
    }
    position += count;
    return position - count;
  };
  return {
    get remaining() {
      return bytes.length - position;
    },
    int8: () => view.getInt8(advance(1)),
    int16: () => view.getInt16(advance(2)),
    int32: () => view.getInt32(advance(4)),
    int64: () => view.getBigInt64(advance(8)),
    float32: () => view.getFloat32(advance(4)),
    float64: () => view.getFloat64(advance(8)),
    raw: (count) => {
      const at = advance(count);
      return bytes.subarray(at, at + count);
    },
  };
}
