import { expect, it } from 'vitest';
import { encodeUtf8, writeUtf8 } from './utf8.ts';

it('stores the bytes of the encoder, whatever the text and its length', () => {
  const texts = [
    '',
    'a',
    'row 12345',
    'x'.repeat(32),
    'x'.repeat(33),
    'grün',
    `${'x'.repeat(31)}ü`,
    '日本語',
    '😀',
    '\ud800',
    '\0',
    '\x7f\x80',
    `${'x'.repeat(40)}é`,
  ];
  for (const text of texts) {
    const bytes = new Uint8Array(text.length * 3 + 5).fill(0xff);
    const end = writeUtf8(text, bytes, 3);
    expect([...bytes.subarray(3, end)]).toEqual([...encodeUtf8(text)]);
    expect([...bytes.subarray(0, 3)]).toEqual([0xff, 0xff, 0xff]);
  }
});
