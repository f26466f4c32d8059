import { expect, test } from 'vitest';
import { deadLetterRetentionOf } from './relation-options.ts';

test.each([
  [undefined, 1024 ** 3, 7 * 86_400_000],
  ['64 MB', 64 * 1024 ** 2, 7 * 86_400_000],
  ['2 hours', 1024 ** 3, 7_200_000],
  ['90 s, 10 kib', 10 * 1024, 90_000],
  ['500 b,1 d', 500, 86_400_000],
])('what is kept of late and bad rows under %s', (text, bytesMax, ageMaxMs) => {
  expect(deadLetterRetentionOf(text)).toEqual({ bytesMax, ageMaxMs });
});
