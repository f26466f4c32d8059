import { randomBytes } from 'node:crypto';

/** Bytes nobody can foretell, for challenges. */
export function secretBytes(count: number): Uint8Array {
  return new Uint8Array(randomBytes(count));
}
