import { expect, test } from 'vitest';
import { SqlState } from '../../base/index.ts';
import { MemoryKeyValuePlace } from '../leveldb/index.ts';
import { blockOf, type TableContent } from '../testing/index.ts';
import { Base, type BaseStep } from './base.ts';

const place = { operatorId: 'counts', table: 'groups', keyGroup: 0 };

async function apply(base: Base, applied: number, puts: TableContent, deletes: readonly number[] = []): Promise<void> {
  const steps = async function* (): AsyncIterable<BaseStep> {
    yield { kind: 'put', block: blockOf(place, puts, deletes) };
  };
  await base.apply(steps(), { applied, sha256: String(applied) });
}

async function loaded(base: Base): Promise<number> {
  let blocks = 0;
  for await (const _ of base.load(place.operatorId, place.table)) blocks++;
  return blocks;
}

test('a run of long ago that has come back in the place of a later one is noticed, not read', async () => {
  const disk = new MemoryKeyValuePlace();
  const base = new Base(disk);
  await base.open();
  await apply(base, 1, new Map([[1, 10]]));
  const before = new Map(disk.values);
  // The merge leaves nothing, so that the next run has the first one's number again.
  for (const applied of [2, 3]) await apply(base, applied, new Map([[1, applied]]));
  await apply(base, 4, new Map(), [1]);
  await base.compact(1_000);
  expect(await loaded(base)).toBe(0);
  await apply(base, 5, new Map([[1, 11]]));
  expect(await loaded(base)).toBe(1);
  const again = [...disk.values].filter(([key, value]) => key.startsWith('\u0002') && before.has(key) && before.get(key)!.join() !== value.join());
  expect(again.length).toBe(1);
  const [key] = again[0]!;
  disk.values.set(key, before.get(key)!);
  const reopened = new Base(disk);
  await reopened.open();
  await expect(loaded(reopened)).rejects.toMatchObject({
    code: SqlState.dataCorrupted,
    message: expect.stringContaining('a run is missing or out of date'),
  });
});
