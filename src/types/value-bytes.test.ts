import { describe, expect, test } from 'vitest';
import {
  bytesToDatum,
  canonicalKeyBytes,
  compareDatums,
  datumsEqual,
  datumToBytes,
  formatDatum,
  needsCanonicalKey,
  parseDatum,
  type SqlType,
} from './index.ts';
import { arrayOf, charType, float8Type, int8Type, intervalType, jsonbType, numericType, rowOf, textType, uuidType } from './type-constants.ts';

const pair = rowOf([
  { name: 'a', type: float8Type },
  { name: 'b', type: numericType },
]);

function keyOf(type: SqlType, text: string): string {
  const bytes = datumToBytes(type, parseDatum(type, text));
  return Buffer.from(canonicalKeyBytes(type, bytes, 0, bytes.length)).toString('hex');
}

describe('storage bytes', () => {
  const cases: readonly (readonly [SqlType, readonly string[]])[] = [
    [
      numericType,
      [
        '0',
        '-1',
        '127',
        '128',
        '-128',
        '-129',
        '0.00',
        '12345678901234567890.123',
        '-99999999999999999999',
        'NaN',
        'Infinity',
        '-Infinity',
        '281474976710655',
        '-281474976710656',
      ],
    ],
    [intervalType, ['1 year -3 days 04:05:06.7', 'infinity', '-infinity']],
    [uuidType, ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']],
    [arrayOf(int8Type), ['{}', '{1,NULL,-9223372036854775808}', '{{1,2},{3,4}}']],
    [arrayOf(textType), ['{"",NULL,"a b"}']],
    [pair, ['(1.5,2.50)', '(,)']],
  ];
  for (const [type, texts] of cases) {
    test(`${type.kind} comes back`, () => {
      for (const text of texts) {
        const bytes = datumToBytes(type, parseDatum(type, text));
        const padded = new Uint8Array(bytes.length + 5);
        padded.set(bytes, 3);
        expect(formatDatum(type, bytesToDatum(type, padded, 3, 3 + bytes.length))).toBe(formatDatum(type, parseDatum(type, text)));
      }
    });
  }
});

describe('canonical keys', () => {
  const equal: readonly (readonly [SqlType, string, string])[] = [
    [numericType, '1.0', '1.000'],
    [numericType, '0', '-0.00'],
    [numericType, '100', '1e2'],
    [intervalType, '1 month', '30 days'],
    [intervalType, '1 day', '24:00'],
    [intervalType, '-1 day', '-24:00'],
    [charType, 'ab', 'ab   '],
    [jsonbType, '{"a": 1.0, "b": [2.50]}', '{"b": [2.5], "a": 1}'],
    [arrayOf(float8Type), '{0,NaN}', '{-0,NaN}'],
    [pair, '(-0,1.0)', '(0,1.00)'],
  ];
  test.each(equal)('%j: %s = %s', (type, left, right) => {
    expect(needsCanonicalKey(type)).toBe(true);
    expect(datumsEqual(type, parseDatum(type, left), parseDatum(type, right))).toBe(true);
    expect(keyOf(type, left)).toBe(keyOf(type, right));
  });
  test('different values keep different keys', () => {
    expect(keyOf(numericType, '1')).not.toBe(keyOf(numericType, '10'));
    expect(keyOf(intervalType, '1 month')).not.toBe(keyOf(intervalType, '31 days'));
    expect(keyOf(jsonbType, '"1.0"')).not.toBe(keyOf(jsonbType, '1.0'));
  });
});

test('texts compare by their UTF-8 bytes, also beyond the basic plane', () => {
  const words = ['', 'a', 'ab', 'b', 'é', '\uffee', '😀'];
  for (const [i, left] of words.entries()) {
    for (const [j, right] of words.entries()) expect(Math.sign(compareDatums(textType, left, right))).toBe(Math.sign(i - j));
  }
});
