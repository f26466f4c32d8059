import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { formatFloat8 } from '../../types/index.ts';
import { writeShortDecimal } from './digit-writer.ts';
import { WireBuffer } from './wire-buffer.ts';

function shortDecimal(value: number): string | null {
  const out = new WireBuffer();
  out.reserve(32);
  return writeShortDecimal(out, value) ? Buffer.from(out.take()).toString() : null;
}

describe('writeShortDecimal', () => {
  it('writes what formatFloat8 writes, for every number of at most four decimals below 10^11', () => {
    const random = seededRandom(4711);
    for (let round = 0; round < 20_000; round++) {
      const digits = 10 ** random.nextInt(16);
      const value = (Math.floor(random.nextFloat() * digits) / 10 ** random.nextInt(5)) * (random.nextInt(2) === 0 ? 1 : -1);
      const text = shortDecimal(value);
      if (text === null) expect(value === 0 || Math.abs(value) >= 1e11, String(value)).toBe(true);
      else expect(text).toBe(formatFloat8(value));
    }
  });

  it('leaves every other number to the general way', () => {
    const others = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e11, 0.1 + 0.2, 1 / 3, 1e-5, 0.00005, 5e-324, 1e300];
    for (const value of others) expect(shortDecimal(value), String(value)).toBeNull();
    expect(['0.0001', '-0.5', '99999999999.9999', '100', '1e2'].map((text) => shortDecimal(Number(text)))).toEqual([
      '0.0001',
      '-0.5',
      '99999999999.9999',
      '100',
      '100',
    ]);
  });
});
