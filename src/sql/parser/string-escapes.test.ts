import { expect, test } from 'vitest';
import { parseExpression } from '../parse.ts';
import { decodeBackslashEscapes, decodeUnicodeEscapes } from './string-escapes.ts';

test.each([
  [String.raw`a\nb\\\'''c`, "a\nb\\''c"],
  [String.raw`\xc3\xa9\303\251`, 'éé'],
  [String.raw`\u00e9\U0001F600\uD83D\uDE00`, 'é😀😀'],
  [String.raw`\q\x`, 'qx'],
])('decodes %s', (text, expected) => {
  expect(decodeBackslashEscapes(text, 0)).toBe(expected);
});

test.each([
  [String.raw`ab\xff`, '22021', 'invalid byte sequence for encoding "UTF8": 0xff', 7],
  [String.raw`\000`, '22021', 'invalid byte sequence for encoding "UTF8": 0x00', 5],
  [String.raw`\uD83D`, '42601', 'invalid Unicode surrogate pair', 5],
  [String.raw`\uDE00\uD83D`, '42601', 'invalid Unicode surrogate pair', 5],
  [String.raw`\u12`, '22025', 'invalid Unicode escape', 5],
])('refuses %s', (text, code, message, position) => {
  expect(() => decodeBackslashEscapes(text, 5)).toThrow(expect.objectContaining({ code, message, position }));
});

test('half a surrogate pair is no text in U& strings either', () => {
  expect(decodeUnicodeEscapes('\\D83D\\DE00', { escape: '\\', position: 0 })).toBe('😀');
  expect(() => decodeUnicodeEscapes('\\D83D', { escape: '\\', position: 0 })).toThrow('invalid Unicode surrogate pair');
});

test('strings of five megabytes are strings', () => {
  const long = 'x'.repeat(5_000_000);
  expect(parseExpression(`'${long}'`)).toMatchObject({ value: long });
  expect(parseExpression(`E'\\t${long}'`)).toMatchObject({ value: `\t${long}` });
});
