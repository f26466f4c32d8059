import { expect, test } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { batchFromRows, decodeBatch, encodeBatch, rowsOf } from '../../batch/index.ts';
import type { StateBlock, StateStore } from '../state-store.ts';
import { blockOf, loadTable, openSimulatedStore, recordOf, SimulatedDisk } from '../testing/index.ts';

const place = { operatorId: 'sink', table: 'waiting', keyGroup: 0 };
const LARGE_BYTES = 3 * 1024 * 1024;

/** Puts and deletes keys of the fleeting table. */
function fleeting(puts: readonly number[], deletes: readonly number[]): StateBlock {
  return { ...blockOf(place, new Map(puts.map((key) => [key, key])), deletes), fleeting: true };
}

async function checkpoint(store: StateStore, epoch: number, blocks: readonly StateBlock[], operators = ['sink']): Promise<void> {
  const record = recordOf(epoch, store.incarnation, 1);
  await store.appendEpochRecord(record);
  await store.commit(record, blocks.length === 0 ? [] : [await store.prepare(epoch, 0, blocks)], operators);
  await store.confirm(epoch);
}

async function keysOf(store: StateStore): Promise<number[]> {
  return [...(await loadTable(store, place.operatorId, place.table)).keys()];
}

function filesIn(disk: SimulatedDisk, folder: string): string[] {
  return disk.files().filter((name) => name.startsWith(`${folder}/`));
}

test('rows are read from the segment they came in, which goes with the last of them; base and snapshots never have them', async () => {
  const disk = new SimulatedDisk(seededRandom(1));
  const store = await openSimulatedStore(disk);
  const keysBefore = disk.keyValuePlace.values.size;
  await checkpoint(store, 1, [fleeting([1, 2], [])]);
  for (let epoch = 2; epoch <= 12; epoch++) await checkpoint(store, epoch, [fleeting([epoch + 1], [epoch])]);
  expect(await keysOf(store)).toEqual([1, 13]);
  expect(filesIn(disk, 'segments')).toHaveLength(12);
  await store.close();
  const again = await openSimulatedStore(disk);
  expect(await keysOf(again)).toEqual([1, 13]);
  expect(await again.readCheckpoint(async (image) => image?.tables())).toEqual([{ operatorId: 'sink', table: 'waiting', keyGroups: [0] }]);
  await checkpoint(again, 13, [fleeting([14], [1, 13])]);
  for (let epoch = 14; epoch <= 16; epoch++) await checkpoint(again, epoch, []);
  expect(await keysOf(again)).toEqual([14]);
  expect(filesIn(disk, 'segments')).toHaveLength(1);
  expect(filesIn(disk, 'snapshots')).toEqual([]);
  expect(disk.keyValuePlace.values.size).toBe(keysBefore);
  await again.close();
});

test('a row that was restored as one that stays is gone for good when it is deleted', async () => {
  const disk = new SimulatedDisk(seededRandom(2));
  const store = await openSimulatedStore(disk);
  await checkpoint(store, 1, [blockOf(place, new Map([[1, 1]]), [])]);
  await checkpoint(store, 2, [fleeting([2], [])]);
  await checkpoint(store, 3, [fleeting([3], [1, 2])]);
  await store.close();
  const again = await openSimulatedStore(disk);
  expect(await keysOf(again)).toEqual([3]);
  await again.close();
});

test('rows of an operator that was dropped do not come back with it', async () => {
  const disk = new SimulatedDisk(seededRandom(3));
  const store = await openSimulatedStore(disk);
  const other = { ...fleeting([7], []), operatorId: 'other' };
  await checkpoint(store, 1, [fleeting([1], []), other], ['sink', 'other']);
  await checkpoint(store, 2, [], ['other']);
  await checkpoint(store, 3, [fleeting([3], [])], ['sink', 'other']);
  await store.close();
  const again = await openSimulatedStore(disk);
  expect([...again.restoredOperators()].sort()).toEqual(['other', 'sink']);
  expect(await keysOf(again)).toEqual([3]);
  await again.close();
});

test('a damaged segment of the newest checkpoint is noticed while the one before can be taken', async () => {
  const disk = new SimulatedDisk(seededRandom(4));
  const store = await openSimulatedStore(disk);
  await checkpoint(store, 1, [fleeting([1], [])]);
  await checkpoint(store, 2, [fleeting([2], [1])]);
  await store.close();
  const newest = filesIn(disk, 'segments').at(-1)!;
  const bytes = await disk.storage().readAll(newest);
  bytes[40]! ^= 1;
  disk.poke(newest, bytes);
  const again = await openSimulatedStore(disk);
  expect(again.restoredRecord()?.epoch).toBe(1);
  expect(await keysOf(again)).toEqual([1]);
  await again.close();
});

test('a large block is read back as it was, between small ones', async () => {
  const disk = new SimulatedDisk(seededRandom(5));
  const store = await openSimulatedStore(disk);
  const value = new Uint8Array(LARGE_BYTES).map((_, index) => index % 251);
  const rows = batchFromRows([{ kind: 'int8' }, { kind: 'bytea' }], [[1n, value]]);
  const large: StateBlock = { ...blockOf({ ...place, keyGroup: 3 }, new Map(), []), upserts: encodeBatch(rows), upsertCount: 1 };
  const small = [2, 4].map((keyGroup) => blockOf({ ...place, keyGroup }, new Map([[keyGroup, keyGroup]]), [9]));
  await checkpoint(store, 1, [...small, large]);
  await store.close();
  const again = await openSimulatedStore(disk);
  const found: StateBlock[] = [];
  for await (const block of again.load(place.operatorId, place.table)) found.push(block);
  expect(found.map(({ keyGroup, upsertCount, deleteCount }) => [keyGroup, upsertCount, deleteCount])).toEqual([
    [2, 1, 1],
    [3, 1, 0],
    [4, 1, 1],
  ]);
  const [[, stored]] = rowsOf(decodeBatch(found[1]!.upserts)) as [[bigint, Uint8Array]];
  expect(Buffer.compare(stored, value)).toBe(0);
  expect((await again.check()).filter(({ problem }) => problem !== null)).toEqual([]);
  await again.close();
});
