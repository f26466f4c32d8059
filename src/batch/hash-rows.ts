import { murmur3 } from '../base/index.ts';
import type { BytesColumn, Column, FixedColumn } from './column.ts';

/** What a NULL contributes: the one byte no UTF-8 text contains. */
const NULL_BYTES = Uint8Array.of(0xff);

/** Adds a column of eight-byte values to the hashes of its rows, which are at hand to whoever made the function. */
export type HashWords = (column: FixedColumn) => void;

/**
 * Hash of each row's key: murmur3 over the canonical bytes of the first column with seed 0, then over those of
 * each next column with the hash so far as seed. Fixed-width values are eight bytes little endian, so INT 1 and BIGINT 1 agree.
 * The columns must be in canonical form (keyColumns). The result decides key groups and hence lies in files: it never changes.
 * `words`, where given, does fixed-width columns.
 */
export function hashRows(columns: readonly Column[], rowCount: number, out: Uint32Array, words?: HashWords): void {
  const hashes = new Int32Array(out.buffer, out.byteOffset, rowCount);
  hashes.fill(0);
  for (const column of columns) {
    const seeds = column.valid === null ? hashes : hashes.slice();
    if (column.storage === 'bytes') hashBytes(column, hashes);
    else if (words === undefined) hashWords(column.i32, hashes);
    else words(column);
    if (column.valid !== null) hashNulls(column.valid, seeds, hashes);
  }
}

function hashNulls(valid: Uint8Array, seeds: Int32Array, hashes: Int32Array): void {
  for (let row = 0; row < hashes.length; row++) {
    if (valid[row] === 0) hashes[row] = murmur3(NULL_BYTES, 0, 1, seeds[row]!) | 0;
  }
}

function hashWords(words: Int32Array, hashes: Int32Array): void {
  for (let row = 0; row < hashes.length; row++) {
    let hash = hashes[row]!;
    let block = Math.imul(words[2 * row]!, 0xcc9e2d51);
    hash ^= Math.imul((block << 15) | (block >>> 17), 0x1b873593);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
    block = Math.imul(words[2 * row + 1]!, 0xcc9e2d51);
    hash ^= Math.imul((block << 15) | (block >>> 17), 0x1b873593);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
    hash ^= 8;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hashes[row] = hash ^ (hash >>> 16);
  }
}

function hashBytes(column: BytesColumn, hashes: Int32Array): void {
  const { data, starts, ends } = column;
  for (let row = 0; row < hashes.length; row++) hashes[row] = murmur3(data, starts[row]!, ends[row]!, hashes[row]!) | 0;
}
