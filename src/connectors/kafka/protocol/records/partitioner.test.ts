import { expect, test } from 'vitest';
import { murmur2 } from './murmur2.ts';
import { KeylessPartitioner, partitionForKey } from './partitioner.ts';

// org.apache.kafka.common.utils.UtilsTest.testMurmur2
const published: readonly (readonly [string, number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

test.each(published)('murmur2 of %s is the Java client value', (text, expected) => {
  expect(murmur2(new TextEncoder().encode(text))).toBe(expected);
});

test('a keyed record goes where the Java client sends it', () => {
  const key = new TextEncoder().encode('foobar');
  expect(partitionForKey(key, 7)).toBe((-790332482 & 0x7fffffff) % 7);
  expect(partitionForKey(new Uint8Array(0), 1)).toBe(0);
});

test('records without a key stay with a partition for a while, in a fixed order', () => {
  const partitioner = new KeylessPartitioner(2);
  expect(Array.from({ length: 7 }, () => partitioner.next(3))).toEqual([0, 0, 1, 1, 2, 2, 0]);
});
