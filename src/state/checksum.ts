import { createHash } from 'node:crypto';
import { crc32c as nativeCrc32c } from '@node-rs/crc32';
import type { Storage } from '../base/index.ts';
import type { StateBlock } from './state-store.ts';

/** CRC-32C (Castagnoli, as in RFC 3720); `previous` is the checksum of the bytes in front. */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  return nativeCrc32c(bytes, previous) >>> 0;
}

/** x^0 where bit 31 is the lowest power, as CRC-32C's reflected polynomials are written. */
const ONE = 0x80000000;
const POLYNOMIAL = 0x82f63b78;
/** x^(2^n) modulo the polynomial, by n. */
const powers = squares(40);

/**
 * CRC-32C of two pieces one after the other, from the checksums of both and the bytes of the second, without a look at either: what stands in front of `bytes`
 * bytes is multiplied by x^(8 * bytes) (zlib, crc32_combine).
 */
export function joinedCrc32c(front: number, back: number, bytes: number): number {
  let factor = ONE;
  for (let rest = 8 * bytes, power = 0; rest > 0; rest = Math.floor(rest / 2), power++) if (rest % 2 === 1) factor = product(powers[power]!, factor);
  return (product(factor, front) ^ back) >>> 0;
}

function squares(count: number): number[] {
  const list = [ONE >>> 1];
  while (list.length < count) list.push(product(list.at(-1)!, list.at(-1)!));
  return list;
}

/** Of two polynomials over GF(2), modulo the CRC's. */
function product(left: number, right: number): number {
  let sum = 0;
  for (let bit = 31; bit >= 0; bit--) {
    if ((left >>> bit) & 1) sum ^= right;
    right = right & 1 ? (right >>> 1) ^ POLYNOMIAL : right >>> 1;
  }
  return sum >>> 0;
}

const DIGEST_BYTES = 16;
const DIGEST_MODULUS = 1n << 128n;

/** Sum of 128-bit hashes, modulo 2^128: the order in which blocks are added does not matter, which blocks they are does. */
export class Digest {
  #sum = 0n;

  add(hash: bigint): void {
    this.#sum = (this.#sum + hash) % DIGEST_MODULUS;
  }

  text(): string {
    return this.#sum.toString(16).padStart(DIGEST_BYTES * 2, '0');
  }
}

/** Hash of a block and of where it belongs. */
export function hashBlock(block: StateBlock): bigint {
  const place = JSON.stringify([block.operatorId, block.table, block.keyGroup, block.upsertCount, block.deleteCount, block.upserts.length]);
  const hash = createHash('sha256').update(place).update(block.upserts).update(block.deletes).digest();
  return BigInt(`0x${hash.toString('hex', 0, DIGEST_BYTES)}`);
}

export function sha256Text(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Bytes of a file read at once. */
const READ_BYTES = 1024 * 1024;

export async function sha256File(storage: Storage, name: string): Promise<string> {
  const file = await storage.open(name, 'read');
  try {
    const hash = createHash('sha256');
    const size = await file.size();
    for (let position = 0; position < size; position += READ_BYTES) hash.update(await file.read(position, Math.min(READ_BYTES, size - position)));
    return hash.digest('hex');
  } finally {
    await file.close();
  }
}
