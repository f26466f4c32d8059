import { expect, test } from 'vitest';
import { Committables } from './committables.ts';

function prepared(subtask: number, epoch: number) {
  return { subtask, epoch, bytes: Uint8Array.of(subtask, epoch) };
}

test('a checkpoint makes due what was prepared up to its epoch, oldest first, and nothing behind it', () => {
  const committables = new Committables();
  for (const one of [prepared(1, 4), prepared(0, 7), prepared(0, 4), prepared(0, 5), prepared(0, 2)]) committables.add(one);
  expect(committables.due(1)).toEqual([]);
  expect(committables.due(4)).toEqual([prepared(0, 2), prepared(0, 4), prepared(1, 4)]);
  expect(committables.due(6).map(({ epoch }) => epoch)).toEqual([2, 4, 4, 5]);
  committables.forget(prepared(0, 2));
  expect(committables.due(4)).toEqual([prepared(0, 4), prepared(1, 4)]);
  expect(committables.count).toBe(4);
});
