import { crc32c } from '../checksum.ts';
import { damagedFile } from '../damage.ts';

/*
 * One file of a log, little endian:
 *   header: 8 bytes magic, 8 bytes name of the log (zero padded), u64 first position, u64 first position of the file before (0: none),
 *           u64 bytes of the file before, u32 zero, u32 CRC-32C of all that
 *   records, and in a file that another one follows: a mark of 16 bytes, u32 0x434f4e54, u64 first position of the next file, u32 CRC-32C of that
 *   record: u32 bytes of the payload, u32 CRC-32C of the payload, u64 position, u32 CRC-32C of the header so far, payload, u32 end mark
 * No byte of the end mark is zero, so that a record whose last part was never written (files may be extended by zeros before their data
 * arrives) is told from one that was damaged afterwards.
 */
const MAGIC = new TextEncoder().encode('FSQLLOG1');
export const FILE_HEADER_BYTES = 48;
const RECORD_HEADER_BYTES = 20;
const END_MARK = 0x454e_4452;
const END_MARK_BYTES = 4;
/** No record is that long. */
const CONTINUED_MARK = 0x434f_4e54;
export const CONTINUED_BYTES = 16;
/** Bytes around a payload. */
export const RECORD_OVERHEAD_BYTES = RECORD_HEADER_BYTES + END_MARK_BYTES;

export interface LogFileHeader {
  readonly log: string;
  readonly first: number;
  readonly previousFirst: number;
  readonly previousBytes: number;
}

export function encodeFileHeader(header: LogFileHeader): Uint8Array {
  const bytes = new Uint8Array(FILE_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  bytes.set(new TextEncoder().encode(header.log).subarray(0, 8), 8);
  view.setBigUint64(16, BigInt(header.first), true);
  view.setBigUint64(24, BigInt(header.previousFirst), true);
  view.setBigUint64(32, BigInt(header.previousBytes), true);
  view.setUint32(44, crc32c(bytes.subarray(0, 44)), true);
  return bytes;
}

/** Null when the header was never written completely: then nothing but zeros follows in `bytes`, which are all of a newest file. */
export function decodeFileHeader(file: string, bytes: Uint8Array): LogFileHeader | null {
  if (bytes.length < FILE_HEADER_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, FILE_HEADER_BYTES);
  const magicFits = MAGIC.every((byte, index) => bytes[index] === byte);
  if (!magicFits || view.getUint32(44, true) !== crc32c(bytes.subarray(0, 44))) {
    if (isZero(bytes.subarray(FILE_HEADER_BYTES))) return null;
    throw damagedFile(file, 0, 'the header does not fit its checksum');
  }
  return {
    log: new TextDecoder().decode(bytes.subarray(8, 16)).replace(/\0+$/, ''),
    first: Number(view.getBigUint64(16, true)),
    previousFirst: Number(view.getBigUint64(24, true)),
    previousBytes: Number(view.getBigUint64(32, true)),
  };
}

/** Writes a record to `target` at `offset` and returns the offset behind it. */
export function writeRecord(target: Uint8Array, offset: number, record: { readonly position: number; readonly payload: Uint8Array }): number {
  const { position, payload } = record;
  const view = new DataView(target.buffer, target.byteOffset + offset);
  view.setUint32(0, payload.length, true);
  view.setUint32(4, crc32c(payload), true);
  view.setBigUint64(8, BigInt(position), true);
  view.setUint32(16, crc32c(target.subarray(offset, offset + 16)), true);
  target.set(payload, offset + RECORD_HEADER_BYTES);
  view.setUint32(RECORD_HEADER_BYTES + payload.length, END_MARK, true);
  return offset + RECORD_OVERHEAD_BYTES + payload.length;
}

/** What ends a file that goes on in another one, whose name is known by then. */
export function encodeContinued(next: number): Uint8Array {
  const bytes = new Uint8Array(CONTINUED_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, CONTINUED_MARK, true);
  view.setBigUint64(4, BigInt(next), true);
  view.setUint32(12, crc32c(bytes.subarray(0, 12)), true);
  return bytes;
}

/** True when the mark that says so stands at `offset`, whole. */
export function isContinued(bytes: Uint8Array, offset: number, next: number): boolean {
  if (bytes.length !== offset + CONTINUED_BYTES) return false;
  return encodeContinued(next).every((byte, index) => bytes[offset + index] === byte);
}

export interface ReadRecord {
  readonly payload: Uint8Array;
  /** Offset behind the record. */
  readonly end: number;
}

/**
 * Reads the record at `offset`, whose position must be `position`. Null: the rest was never written completely, so it was never
 * acknowledged; a reader of what is durable treats that as damage. `start` is the place of `bytes` in the file, for messages.
 */
export function readRecord(
  bytes: Uint8Array,
  offset: number,
  expected: { readonly file: string; readonly position: number; readonly start: number },
): ReadRecord | null {
  const { file, position, start } = expected;
  if (offset + RECORD_HEADER_BYTES > bytes.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset);
  if (view.getUint32(16, true) !== crc32c(bytes.subarray(offset, offset + 16))) {
    if (isZero(bytes.subarray(offset + RECORD_HEADER_BYTES))) return null;
    throw damagedFile(file, start + offset, 'the header of a record does not fit its checksum');
  }
  const end = offset + RECORD_OVERHEAD_BYTES + view.getUint32(0, true);
  if (end > bytes.length) return null;
  const found = Number(view.getBigUint64(8, true));
  if (found !== position) throw damagedFile(file, start + offset, `record ${found} stands where record ${position} belongs`);
  const payload = bytes.subarray(offset + RECORD_HEADER_BYTES, end - END_MARK_BYTES);
  const mark = view.getUint32(end - END_MARK_BYTES - offset, true);
  const payloadFits = view.getUint32(4, true) === crc32c(payload);
  if (mark === END_MARK && payloadFits) return { payload, end };
  if (mark >>> 24 === 0 && isZero(bytes.subarray(end))) return null;
  throw damagedFile(file, start + offset, `record ${position} does not fit its checksum`);
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
