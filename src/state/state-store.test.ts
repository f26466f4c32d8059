import { describe, expect, test } from 'vitest';
import { seededRandom } from '../base/index.ts';
import { MemoryDirectory, openMemoryStateStore, type StateStore } from './index.ts';
import { blockOf, loadTable, openSimulatedStore, recordOf, SimulatedDisk } from './testing/index.ts';

/** One directory; `open` opens it again, as after the end of the process. */
interface Directory {
  open(): Promise<StateStore>;
}

const kinds: Readonly<Record<string, () => Directory>> = {
  memory: () => {
    const directory = new MemoryDirectory();
    return { open: async () => openMemoryStateStore(directory) };
  },
  durable: () => {
    const disk = new SimulatedDisk(seededRandom(1));
    return { open: () => openSimulatedStore(disk) };
  },
};

const place = { operatorId: 'counts', table: 'groups', keyGroup: 3 };

async function checkpoint(
  store: StateStore,
  epoch: number,
  blocks: Parameters<StateStore['prepare']>[2],
  operators = ['counts', 'joins'],
): Promise<void> {
  const record = recordOf(epoch, store.incarnation, 1);
  await store.appendEpochRecord(record);
  const segments = blocks.length === 0 ? [] : [await store.prepare(epoch, 0, blocks)];
  await store.commit(record, segments, operators);
}

describe.each(Object.entries(kinds))('%s store', (_, makeDirectory) => {
  test('a new directory is empty', async () => {
    const store = await makeDirectory().open();
    expect(store.restoredRecord()).toBeNull();
    expect(store.recordsToReplay()).toEqual([]);
    expect([...store.restoredOperators()]).toEqual([]);
    expect(await loadTable(store, 'counts', 'groups')).toEqual(new Map());
    expect(store.catalogLog.entries()).toEqual([]);
    expect(store.embeddedLog.lastPosition()).toBe(0);
    await store.close();
  });

  test('every opening is a higher incarnation', async () => {
    const directory = makeDirectory();
    const first = await directory.open();
    await first.close();
    const second = await directory.open();
    expect(second.incarnation).toBeGreaterThan(first.incarnation);
    await second.close();
  });

  test('a committed checkpoint is restored; later rows win, deletions come before upserts', async () => {
    const directory = makeDirectory();
    const store = await directory.open();
    await checkpoint(store, 1, [
      blockOf(
        place,
        new Map([
          [1, 10],
          [2, 20],
          [3, 30],
        ]),
        [],
      ),
    ]);
    await checkpoint(store, 2, [blockOf(place, new Map([[2, 21]]), [1, 2])]);
    const expected = new Map([
      [2, 21],
      [3, 30],
    ]);
    expect(await loadTable(store, 'counts', 'groups')).toEqual(expected);
    await store.close();
    const again = await directory.open();
    expect(again.restoredRecord()?.epoch).toBe(2);
    expect([...again.restoredOperators()]).toEqual(['counts']);
    expect(await loadTable(again, 'counts', 'groups')).toEqual(expected);
    expect(await loadTable(again, 'counts', 'other')).toEqual(new Map());
    await again.close();
  });

  test('what was prepared and never committed is not there', async () => {
    const directory = makeDirectory();
    const store = await directory.open();
    await checkpoint(store, 1, [blockOf(place, new Map([[1, 10]]), [])]);
    await store.prepare(2, 0, [blockOf(place, new Map([[1, 11]]), [])]);
    await store.close();
    const again = await directory.open();
    expect(again.restoredRecord()?.epoch).toBe(1);
    expect(await loadTable(again, 'counts', 'groups')).toEqual(new Map([[1, 10]]));
    await again.close();
  });

  test('confirming, late or twice, changes nothing that can be read', async () => {
    const directory = makeDirectory();
    const store = await directory.open();
    for (let epoch = 1; epoch <= 20; epoch++) {
      await checkpoint(store, epoch, [blockOf(place, new Map([[epoch % 5, epoch]]), [(epoch + 2) % 5])]);
      if (epoch % 4 === 0) await store.confirm(epoch - 1);
      if (epoch % 6 === 0) await Promise.all([store.confirm(epoch), store.confirm(epoch)]);
    }
    const expected = await loadTable(store, 'counts', 'groups');
    expect([...expected.values()].sort((left, right) => left - right)).toEqual([18, 19, 20]);
    await store.close();
    const again = await directory.open();
    expect(await loadTable(again, 'counts', 'groups')).toEqual(expected);
    await again.close();
  });

  test('state of operators that are not wanted goes, and does not come back under the same name', async () => {
    const directory = makeDirectory();
    const store = await directory.open();
    await checkpoint(store, 1, [blockOf(place, new Map([[1, 10]]), []), blockOf({ ...place, operatorId: 'joins' }, new Map([[7, 70]]), [])]);
    await checkpoint(store, 2, [], ['joins']);
    expect([...store.restoredOperators()]).toEqual(['joins']);
    await checkpoint(store, 3, [blockOf(place, new Map([[2, 20]]), [])]);
    await store.confirm(3);
    await store.close();
    const again = await directory.open();
    expect(await loadTable(again, 'counts', 'groups')).toEqual(new Map([[2, 20]]));
    expect(await loadTable(again, 'joins', 'groups')).toEqual(new Map([[7, 70]]));
    await again.close();
  });

  test('epoch records behind the checkpoint are replayed in order', async () => {
    const directory = makeDirectory();
    const store = await directory.open();
    await checkpoint(store, 1, []);
    const later = [2, 3, 4].map((epoch) => recordOf(epoch, store.incarnation, epoch * 10));
    await Promise.all(later.map((record) => store.appendEpochRecord(record)));
    await store.close();
    const again = await directory.open();
    expect(again.recordsToReplay()).toEqual(later);
    await again.close();
  });

  test('the log of stored tables gives back what was appended, from any position, also together', async () => {
    const directory = makeDirectory();
    const store = await directory.open();
    const write = (text: string) => ({ relation: `relation ${text}`, batch: new TextEncoder().encode(text), rows: text.length });
    const positions = await Promise.all(['a', 'bb', 'ccc'].map((text) => store.embeddedLog.append([write(text), write(`${text}!`)])));
    expect(positions).toEqual([1, 2, 3]);
    expect(await store.embeddedLog.append([])).toBe(4);
    await store.close();
    const again = await directory.open();
    expect(again.embeddedLog.lastPosition()).toBe(4);
    const found = [];
    for await (const record of again.embeddedLog.read(1)) found.push(record);
    expect(found).toEqual([
      { position: 2, writes: [write('bb'), write('bb!')] },
      { position: 3, writes: [write('ccc'), write('ccc!')] },
      { position: 4, writes: [] },
    ]);
    await again.close();
  });

  test('catalog entries come back in order', async () => {
    const directory = makeDirectory();
    const store = await directory.open();
    await store.catalogLog.append('{"a":1}');
    await store.catalogLog.append('{"ü":"\u{1F600}"}');
    await store.close();
    const again = await directory.open();
    expect(again.catalogLog.entries()).toEqual(['{"a":1}', '{"ü":"\u{1F600}"}']);
    await again.close();
  });
});
