import { ByteReader, type FileHandle, type Storage } from '../../base/index.ts';
import { crc32c, Digest, hashBlock } from '../checksum.ts';
import { damagedFile } from '../damage.ts';
import type { StateBlock } from '../state-store.ts';
import { FRAME_HEADER_BYTES, type FrameEntry, readBlocks, SEGMENT_MAGIC, type SegmentFooter, TRAILER_BYTES } from './segment-format.ts';

/** What a manifest says of a segment. */
export interface ExpectedSegment {
  readonly file: string;
  readonly bytes: number;
  readonly crc32c: number;
  readonly digest: string;
}

/**
 * All blocks of a segment, or those of one table. Every frame is checked before its blocks come out; after the last block of a whole
 * segment its checksum and digest are compared with the manifest's. Throws XX001 with file and byte, 58P01 when the file is missing.
 */
export async function* readSegment(
  storage: Storage,
  expected: ExpectedSegment,
  only?: { readonly operatorId: string; readonly table: string },
): AsyncIterable<StateBlock> {
  const file = await storage.open(expected.file, 'read');
  try {
    const { footer, tail } = await readFooter(file, expected);
    const magic = await file.read(0, SEGMENT_MAGIC.length);
    if (!isMagic(magic)) throw damagedFile(expected.file, 0, 'it does not begin as a segment does');
    const check = { crc: crc32c(magic), end: magic.length, digest: new Digest() };
    for (const frame of footer.frames) {
      const [operatorId, table] = footer.tables[frame.table]!;
      if (only !== undefined && (operatorId !== only.operatorId || table !== only.table)) continue;
      const bytes = await readFrame(file, expected.file, frame);
      check.crc = crc32c(bytes, check.crc);
      check.end += bytes.length;
      for (const block of readBlocks(bytes.subarray(FRAME_HEADER_BYTES), operatorId, table)) {
        check.digest.add(hashBlock(block));
        yield block;
      }
    }
    if (only !== undefined) return;
    const whole = check.end + tail.length === expected.bytes && crc32c(tail, check.crc) === expected.crc32c;
    if (!whole) throw damagedFile(expected.file, null, 'it does not fit the checksum in the manifest');
    if (check.digest.text() !== expected.digest) throw damagedFile(expected.file, null, 'it does not fit the digest in the manifest');
  } finally {
    await file.close();
  }
}

async function readFooter(file: FileHandle, expected: ExpectedSegment): Promise<{ footer: SegmentFooter; tail: Uint8Array }> {
  const size = await file.size();
  if (size !== expected.bytes || size < TRAILER_BYTES) throw damagedFile(expected.file, null, `it has ${size} bytes instead of ${expected.bytes}`);
  const trailer = await file.read(size - TRAILER_BYTES, TRAILER_BYTES);
  const reader = new ByteReader(trailer);
  const offset = Number(reader.int64());
  const bytes = reader.uint32();
  const crc = reader.uint32();
  const fits = offset >= 0 && offset + bytes + TRAILER_BYTES === size && isMagic(reader.raw(SEGMENT_MAGIC.length));
  if (!fits) throw damagedFile(expected.file, size - TRAILER_BYTES, 'its end is not that of a segment');
  const encoded = await file.read(offset, bytes);
  if (crc32c(encoded) !== crc) throw damagedFile(expected.file, offset, 'its footer does not fit the checksum');
  const footer = JSON.parse(new TextDecoder().decode(encoded)) as SegmentFooter;
  if (!expected.file.endsWith(`/${footer.name}`)) throw damagedFile(expected.file, offset, `it is the segment "${footer.name}"`);
  const tail = new Uint8Array(bytes + TRAILER_BYTES);
  tail.set(encoded);
  tail.set(trailer, bytes);
  return { footer, tail };
}

async function readFrame(file: FileHandle, name: string, frame: FrameEntry): Promise<Uint8Array> {
  const bytes = await file.read(frame.offset, frame.bytes);
  const payload = bytes.subarray(FRAME_HEADER_BYTES);
  const reader = new ByteReader(bytes);
  const fits = bytes.length === frame.bytes && reader.uint32() === payload.length && reader.uint32() === crc32c(payload);
  if (!fits) throw damagedFile(name, frame.offset, 'a block does not fit its checksum');
  return bytes;
}

function isMagic(bytes: Uint8Array): boolean {
  return SEGMENT_MAGIC.length === bytes.length && SEGMENT_MAGIC.every((byte, index) => bytes[index] === byte);
}
