import { gunzipSync, gzipSync } from 'node:zlib';
import { compressFrameSync, decompressFrameSync } from 'lz4-napi';
import { compressSnappy, decompressSnappy } from './snappy-stream.ts';
import { compressZstd, decompressZstd } from './zstd.ts';

/** Kafka's `compression.type`; the index is the number in the batch attributes. */
export const compressionNames = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Compression = (typeof compressionNames)[number];

/** A batch that inflates to more than this is refused rather than allowed to exhaust memory. */
const INFLATED_BYTES_MAX = 512 * 1024 * 1024;

interface Codec {
  compress(bytes: Uint8Array): Uint8Array;
  decompress(bytes: Uint8Array): Uint8Array;
}

const codecs: Readonly<Record<Exclude<Compression, 'none'>, Codec>> = {
  gzip: {
    compress: (bytes) => gzipSync(bytes),
    decompress: (bytes) => gunzipSync(bytes, { maxOutputLength: INFLATED_BYTES_MAX }),
  },
  snappy: { compress: compressSnappy, decompress: decompressSnappy },
  lz4: {
    compress: (bytes) => compressFrameSync(asBuffer(bytes)),
    decompress: (bytes) => decompressFrameSync(asBuffer(bytes)),
  },
  zstd: { compress: compressZstd, decompress: decompressZstd },
};

/** The name for the compression bits of a batch; undefined for a number this version does not know. */
export function compressionOf(bits: number): Compression | undefined {
  return compressionNames[bits];
}

/** Throws the codec's own error for damaged input. */
export function decompress(compression: Compression, bytes: Uint8Array): Uint8Array {
  return compression === 'none' ? bytes : codecs[compression].decompress(bytes);
}

/** `zstd` needs `prepareZstd` once before. */
export function compress(compression: Compression, bytes: Uint8Array): Uint8Array {
  return compression === 'none' ? bytes : codecs[compression].compress(bytes);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
