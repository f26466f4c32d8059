import { describe, expect, it } from 'vitest';
import { seededRandom } from '../base/index.ts';
import { crc32c, joinedCrc32c } from './checksum.ts';

describe('the checksum of two pieces', () => {
  it('is that of all of their bytes, wherever they are cut', () => {
    const random = seededRandom(7);
    for (const length of [0, 1, 2, 3, 63, 64, 65, 1_000, 100_003]) {
      const bytes = Uint8Array.from({ length }, () => random.nextInt(256));
      for (const cut of [0, 1, length >> 1, length - 1, length].filter((at) => at >= 0 && at <= length)) {
        const [front, back] = [bytes.subarray(0, cut), bytes.subarray(cut)];
        expect(joinedCrc32c(crc32c(front), crc32c(back), back.length), `${length} bytes cut at ${cut}`).toBe(crc32c(bytes));
      }
    }
  });
});
