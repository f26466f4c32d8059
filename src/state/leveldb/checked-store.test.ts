import { expect, test } from 'vitest';
import { SqlState } from '../../base/index.ts';
import { CheckedStore } from './checked-store.ts';
import { MemoryKeyValuePlace } from './memory-key-value-store.ts';

const key = new Uint8Array([1, 2]);
const value = new Uint8Array([3, 4, 5]);

test('every flipped bit of a stored value is noticed, and so is the value of another key', async () => {
  const place = new MemoryKeyValuePlace();
  const store = new CheckedStore(await place.open(), 'base');
  await store.batch([
    { key, value },
    { key: new Uint8Array([1, 3]), value },
  ]);
  expect(await store.getMany([key])).toEqual([value]);
  const [name, other] = [...place.values.keys()];
  const stored = place.values.get(name!)!;
  const damages = Array.from({ length: stored.length * 8 }, (_, bit) => stored.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)));
  for (const damaged of [...damages, stored.subarray(0, 2), place.values.get(other!)!]) {
    place.values.set(name!, damaged);
    await expect(store.getMany([key])).rejects.toMatchObject({ code: SqlState.dataCorrupted, message: expect.stringContaining('"base"') });
  }
});
