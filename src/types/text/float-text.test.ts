import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { formatFloat8, parseFloat8 } from './float-text.ts';

/** As PostgreSQL 18 prints them. */
const printed: readonly (readonly [number, string])[] = [
  [0, '0'],
  [-0, '-0'],
  [1, '1'],
  [-1.5, '-1.5'],
  [0.1 + 0.2, '0.30000000000000004'],
  [0.0001, '0.0001'],
  [0.00012345, '0.00012345'],
  [0.00009999, '9.999e-05'],
  [-0.00001, '-1e-05'],
  [123456789012345, '123456789012345'],
  [999999999999999.9, '999999999999999.9'],
  [100000000000000, '100000000000000'],
  [1e15, '1e+15'],
  [1234567890123456, '1.234567890123456e+15'],
  [1e21, '1e+21'],
  [5e-324, '5e-324'],
  [1.7976931348623157e308, '1.7976931348623157e+308'],
  [Number.NaN, 'NaN'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
];

describe('double precision as text', () => {
  it('is what PostgreSQL prints', () => {
    expect(printed.map(([value]) => formatFloat8(value))).toEqual(printed.map(([, text]) => text));
  });

  it('reads back as the same value, has an exponent from 1e15 on and below 1e-4, and no digit too many', () => {
    const random = seededRandom(7);
    for (let round = 0; round < 2_000; round++) {
      const value =
        (random.nextInt(2) === 0 ? 1 : -1) * (random.nextInt(2 ** 31) + random.nextInt(2 ** 31) / 2 ** 31) * 10 ** (random.nextInt(40) - 20);
      const text = formatFloat8(value);
      expect(parseFloat8(text)).toBe(value);
      const size = Math.abs(value);
      if (value !== 0) expect(text.includes('e'), text).toBe(size < 1e-4 || size >= 1e15);
      expect(text.replace(/e.*/, '').replace(/^-?0?\.?0*|\./g, '').length).toBeLessThanOrEqual(17);
    }
  });
});
