import { compressSync, uncompressSync } from 'snappy';

/**
 * The framing of snappy-java's SnappyOutputStream, which every Java client and the broker write (not the official framing):
 *
 *   Stream => magic version compatible_version [block]
 *     magic              => 82 'S' 'N' 'A' 'P' 'P' 'Y' 00
 *     version            => INT32   1
 *     compatible_version => INT32   1
 *     block              => INT32 length, raw snappy block
 *
 * Some clients send one raw block without any framing; it is read too.
 */
const MAGIC = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00] as const;
const STREAM_HEADER_BYTES = 16;
const STREAM_VERSION = 1;

export function decompressSnappy(bytes: Uint8Array): Uint8Array {
  if (!MAGIC.every((value, index) => bytes[index] === value)) return inflateBlock(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks: Uint8Array[] = [];
  let position = STREAM_HEADER_BYTES;
  while (position < bytes.length) {
    if (position + 4 > bytes.length) throw new Error('the snappy stream ends inside a block length');
    const length = view.getInt32(position);
    const end = position + 4 + length;
    if (length < 0 || end > bytes.length) throw new Error('the snappy stream ends inside a block');
    blocks.push(inflateBlock(bytes.subarray(position + 4, end)));
    position = end;
  }
  return blocks.length === 1 ? blocks[0]! : Buffer.concat(blocks);
}

export function compressSnappy(bytes: Uint8Array): Uint8Array {
  const block = compressSync(bytes);
  const stream = Buffer.allocUnsafe(STREAM_HEADER_BYTES + 4 + block.length);
  stream.set(MAGIC, 0);
  stream.writeInt32BE(STREAM_VERSION, 8);
  stream.writeInt32BE(STREAM_VERSION, 12);
  stream.writeInt32BE(block.length, STREAM_HEADER_BYTES);
  stream.set(block, STREAM_HEADER_BYTES + 4);
  return stream;
}

function inflateBlock(block: Uint8Array): Uint8Array {
  const inflated = uncompressSync(block, { asBuffer: true });
  return typeof inflated === 'string' ? Buffer.from(inflated) : inflated;
}
