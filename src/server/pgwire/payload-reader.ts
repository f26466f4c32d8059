import { SqlError, SqlState } from '../../base/index.ts';

/** Reads the big-endian payload of one message. Running out of bytes, or leaving some, is 08P01. */
export class PayloadReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  byte(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  int16(): number {
    return this.#view.getInt16(this.#advance(2));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2));
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4));
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  bytes(count: number): Uint8Array {
    const at = this.#advance(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** Zero-terminated UTF-8 text. */
  text(): string {
    const end = this.#bytes.indexOf(0, this.#position);
    if (end < 0) throw new SqlError({ code: SqlState.protocolViolation, message: 'invalid string in message' });
    const text = decodeUtf8(this.#bytes.subarray(this.#position, end));
    this.#position = end + 1;
    return text;
  }

  end(): void {
    if (this.remaining !== 0) throw new SqlError({ code: SqlState.protocolViolation, message: 'invalid message format' });
  }

  #advance(count: number): number {
    const at = this.#position;
    if (count < 0 || count > this.remaining) {
      throw new SqlError({ code: SqlState.protocolViolation, message: 'insufficient data left in message' });
    }
    this.#position = at + count;
    return at;
  }
}

/** Text of the client; anything that is not UTF-8 is 22021 and names the first wrong bytes, as PostgreSQL does. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    throw new SqlError({
      code: SqlState.characterNotInRepertoire,
      message: `invalid byte sequence for encoding "UTF8": ${firstInvalidSequence(bytes)}`,
    });
  }
}

function firstInvalidSequence(bytes: Uint8Array): string {
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes[at]!);
    const sequence = bytes.subarray(at, at + length);
    if (!isValid(sequence)) return Array.from(sequence.subarray(0, 4), (byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ');
    at += length;
  }
  return '0x00';
}

function sequenceLength(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

function isValid(sequence: Uint8Array): boolean {
  try {
    strictDecoder.decode(sequence);
    return true;
  } catch {
    return false;
  }
}

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
