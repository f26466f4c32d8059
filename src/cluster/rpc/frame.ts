import { SqlError, SqlState } from '../../base/index.ts';
import { crc32c } from '../../state/index.ts';

/*
 * What goes over a connection between two processes of a cluster:
 *   preamble: "fsqlrpc\n", u16 version, u16 zero; then frames:
 *   frame: u32 bytes of the payload, u32 CRC-32C of kind and payload, u32 kind, payload
 */
const MAGIC = new TextEncoder().encode('fsqlrpc\n');
export const PREAMBLE_BYTES = 12;
const HEADER_BYTES = 12;
/** Raised with every change of a message or of this format. */
export const PROTOCOL_VERSION = 2;

export function encodePreamble(version = PROTOCOL_VERSION): Uint8Array {
  const bytes = new Uint8Array(PREAMBLE_BYTES);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setUint16(MAGIC.length, version, true);
  return bytes;
}

/** The version the other side speaks, or null when it is none of ours. */
export function decodePreamble(bytes: Uint8Array): number | null {
  for (let at = 0; at < MAGIC.length; at++) if (bytes[at] !== MAGIC[at]) return null;
  return new DataView(bytes.buffer, bytes.byteOffset, PREAMBLE_BYTES).getUint16(MAGIC.length, true);
}

/** A frame whose payload is still to be filled in; `seal` puts the checksum in. */
export class FrameBuilder {
  readonly bytes: Uint8Array;
  readonly payload: Uint8Array;
  readonly #view: DataView;

  constructor(kind: number, payloadBytes: number) {
    this.bytes = new Uint8Array(HEADER_BYTES + payloadBytes);
    this.payload = this.bytes.subarray(HEADER_BYTES);
    this.#view = new DataView(this.bytes.buffer);
    this.#view.setUint32(0, payloadBytes, true);
    this.#view.setUint32(8, kind, true);
  }

  seal(): Uint8Array {
    this.#view.setUint32(4, crc32c(this.bytes.subarray(8)), true);
    return this.bytes;
  }
}

export function encodeFrame(kind: number, payload: Uint8Array): Uint8Array {
  const frame = new FrameBuilder(kind, payload.length);
  frame.payload.set(payload);
  return frame.seal();
}

/** Puts frames together from pieces of any size. No memory is reserved for a frame longer than `payloadBytesMax`. */
export class FrameReader {
  payloadBytesMax: number;
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerBytes = 0;
  #payload: Uint8Array | null = null;
  #payloadBytes = 0;

  constructor(payloadBytesMax: number) {
    this.payloadBytesMax = payloadBytesMax;
  }

  /** Errors: 08P01 for a frame that is too long or does not fit its checksum; the connection is of no use then. */
  push(bytes: Uint8Array, frame: (kind: number, payload: Uint8Array) => void): void {
    let at = 0;
    for (;;) {
      if (this.#payload === null) {
        const taken = Math.min(HEADER_BYTES - this.#headerBytes, bytes.length - at);
        this.#header.set(bytes.subarray(at, at + taken), this.#headerBytes);
        this.#headerBytes += taken;
        at += taken;
        if (this.#headerBytes < HEADER_BYTES) return;
        this.#begin();
      }
      const payload = this.#payload!;
      const taken = Math.min(payload.length - this.#payloadBytes, bytes.length - at);
      payload.set(bytes.subarray(at, at + taken), this.#payloadBytes);
      this.#payloadBytes += taken;
      at += taken;
      if (this.#payloadBytes < payload.length) return;
      this.#payload = null;
      this.#headerBytes = 0;
      frame(this.#finish(payload), payload);
    }
  }

  #begin(): void {
    const length = new DataView(this.#header.buffer).getUint32(0, true);
    if (length > this.payloadBytesMax) throw violation(`A frame of ${length} bytes was announced, ${this.payloadBytesMax} are allowed.`);
    this.#payload = new Uint8Array(length);
    this.#payloadBytes = 0;
  }

  #finish(payload: Uint8Array): number {
    const view = new DataView(this.#header.buffer);
    const expected = crc32c(payload, crc32c(this.#header.subarray(8)));
    if (view.getUint32(4, true) !== expected) throw violation('A frame does not fit its checksum.');
    return view.getUint32(8, true);
  }
}

export function violation(detail: string): SqlError {
  return new SqlError({
    code: SqlState.protocolViolation,
    message: 'the other side breaks the protocol between processes',
    detail,
    class: 'external',
  });
}
