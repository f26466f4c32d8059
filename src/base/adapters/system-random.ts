import { randomBytes } from 'node:crypto';
import { type Random, seededRandom } from '../random.ts';

/** Randomness with a seed of the machine. Not for secrets: who can see some values can compute the others. */
export function systemRandom(): Random {
  return seededRandom(randomBytes(4).readUInt32LE(0));
}
