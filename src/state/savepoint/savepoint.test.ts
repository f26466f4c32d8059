import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { batchFromRows, encodeBatch } from '../../batch/index.ts';
import type { StateBlock, StateStore } from '../state-store.ts';
import { blockOf, loadTable, openSimulatedStore, recordOf, restoreSimulatedStore, SimulatedDisk } from '../testing/index.ts';
import { diffSavepoints, restoreSavepoint, type SavedJob, Savepoint, type SavepointSummary, type TieBreakers, writeSavepoint } from './index.ts';
import { commitText } from './savepoint-format.ts';

const float8 = { kind: 'float8' } as const;
const int8 = { kind: 'int8' } as const;

const table = (name: string, tieBreakers: TieBreakers | null = null) => ({ name, columns: ['bigint', 'bigint'], keyCount: 1, tieBreakers });
const jobs: readonly SavedJob[] = [
  {
    id: '1',
    name: 'sales',
    kind: 'view',
    operators: [
      { id: 'counts', kind: 'hash-aggregate', tables: [table('groups')] },
      { id: 'rows', kind: 'materialize', tables: [table('rows', { count: 2, kind: 'numbered' }), table('errors', { count: 1, kind: 'summed' })] },
    ],
  },
];

const newDisk = (): SimulatedDisk => new SimulatedDisk(seededRandom(7));
const counts = (keyGroup: number) => ({ operatorId: 'counts', table: 'groups', keyGroup });

/** Rows of a table that numbers equal ones: value, epoch, number. */
function numberedBlock(rows: readonly (readonly [number, number, number])[]): StateBlock {
  const types = [int8, float8, float8];
  return {
    operatorId: 'rows',
    table: 'rows',
    keyGroup: 5,
    upserts: encodeBatch(
      batchFromRows(
        types,
        rows.map(([value, epoch, number]) => [BigInt(value), epoch, number]),
      ),
    ),
    deletes: encodeBatch(batchFromRows(types, [])),
    upsertCount: rows.length,
    deleteCount: 0,
  };
}

/** Rows of a table that sums up what several writers say: key, writer, count. */
function summedBlock(rows: readonly (readonly [number, number, number])[]): StateBlock {
  const encoded = rows.map((row) => row.map(BigInt));
  return {
    operatorId: 'rows',
    table: 'errors',
    keyGroup: 5,
    upserts: encodeBatch(batchFromRows([int8, int8, int8], encoded)),
    deletes: encodeBatch(batchFromRows([int8, int8], [])),
    upsertCount: rows.length,
    deleteCount: 0,
  };
}

async function checkpoint(store: StateStore, epoch: number, blocks: readonly StateBlock[]): Promise<void> {
  const record = recordOf(epoch, store.incarnation, 1);
  await store.appendEpochRecord(record);
  const segments = [await store.prepare(epoch, 0, blocks)];
  await store.commit(record, segments, ['counts', 'rows', 'dropped']);
  await store.confirm(epoch);
}

function save(store: StateStore, target: SimulatedDisk): Promise<SavepointSummary> {
  return store.readCheckpoint((image) =>
    writeSavepoint(target.storage(), image, {
      fsql: '1',
      catalog: '{"entries":[]}',
      maxParallelism: 128,
      jobs,
      embeddedPosition: store.embeddedLog.lastPosition(),
    }),
  );
}

/** A store after one history, and after another one that leads to the same. */
async function once(): Promise<StateStore> {
  const store = await openSimulatedStore(newDisk());
  await store.embeddedLog.append([]);
  await checkpoint(store, 1, [
    blockOf(
      counts(3),
      new Map([
        [1, 10],
        [2, 20],
      ]),
      [],
    ),
    blockOf(counts(90), new Map([[4, 40]]), []),
    numberedBlock([
      [7, 1, 0],
      [7, 1, 1],
      [8, 1, 2],
    ]),
    summedBlock([
      [1, 9, 2],
      [2, 9, 1],
    ]),
  ]);
  return store;
}

async function bySteps(): Promise<StateStore> {
  const store = await openSimulatedStore(newDisk());
  for (let position = 0; position < 5; position++) await store.embeddedLog.append([]);
  await checkpoint(store, 3, [
    blockOf(
      counts(3),
      new Map([
        [2, 1],
        [9, 9],
      ]),
      [],
    ),
    numberedBlock([[8, 3, 2 ** 40]]),
    summedBlock([
      [1, 4, 3],
      [3, 4, 5],
    ]),
  ]);
  await checkpoint(store, 4, [
    blockOf(counts(90), new Map([[4, 41]]), []),
    blockOf({ operatorId: 'dropped', table: 't', keyGroup: 1 }, new Map([[1, 1]]), []),
    summedBlock([
      [3, 5, -5],
      [2, 5, 1],
    ]),
  ]);
  await checkpoint(store, 9, [
    blockOf(counts(3), new Map([[2, 20]]), [9]),
    blockOf(counts(3), new Map([[1, 10]]), []),
    blockOf(counts(90), new Map([[4, 40]]), []),
    numberedBlock([
      [7, 9, 3],
      [7, 9, 4],
    ]),
    summedBlock([[1, 6, -1]]),
  ]);
  return store;
}

const stateFiles = (disk: SimulatedDisk): [string, string][] =>
  disk
    .files()
    .filter((name) => name.startsWith('state/'))
    .map((name) => [name, Buffer.from(disk.peek(name)).toString('hex')]);

describe('a savepoint', () => {
  test('of equal state has equal bytes, whatever led to it', async () => {
    const [first, second] = [newDisk(), newDisk()];
    const one = await save(await once(), first);
    const other = await save(await bySteps(), second);
    expect(stateFiles(first)).toEqual(stateFiles(second));
    expect(one.manifest.stateSha256).toBe(other.manifest.stateSha256);
    expect(one.manifest.jobs).toEqual(other.manifest.jobs);
    expect([one.rows, one.manifest.epoch, other.manifest.epoch]).toEqual([8, 1, 9]);
    expect(await diffSavepoints(await Savepoint.open(first.storage(), 'a'), await Savepoint.open(second.storage(), 'b'))).toEqual([]);
  });

  test('restores into an empty directory, and what is saved there at once has the same bytes', async () => {
    const [first, second, made] = [newDisk(), newDisk(), newDisk()];
    await save(await bySteps(), first);
    const savepoint = await Savepoint.open(first.storage(), 'a');
    expect(await restoreSimulatedStore(made, savepoint.sha256, (store) => restoreSavepoint(savepoint, store, []))).toBe(true);
    const restored = await openSimulatedStore(made);
    expect(restored.restoredRecord()?.epoch).toBe(9);
    expect(restored.catalogLog.entries()).toEqual(['{"entries":[]}']);
    expect(await loadTable(restored, 'counts', 'groups')).toEqual(
      new Map([
        [1, 10],
        [2, 20],
        [4, 40],
      ]),
    );
    expect([...restored.restoredOperators()].sort()).toEqual(['counts', 'rows']);
    // What is written from now on stands behind what the positions of the savepoint name.
    expect(await restored.embeddedLog.append([])).toBe(6);
    await save(restored, second);
    expect(stateFiles(second)).toEqual(stateFiles(first));
    await checkpoint(restored, 10, [blockOf(counts(3), new Map([[1, 11]]), [])]);
    await restored.close();
    const again = await openSimulatedStore(made);
    expect((await loadTable(again, 'counts', 'groups')).get(1)).toBe(11);
    expect((await again.check()).filter(({ problem }) => problem !== null)).toEqual([]);
  });

  test('differs by what has changed', async () => {
    const [first, second] = [newDisk(), newDisk()];
    const store = await once();
    await save(store, first);
    await checkpoint(store, 2, [
      blockOf(
        counts(3),
        new Map([
          [1, 11],
          [5, 50],
        ]),
        [2],
      ),
    ]);
    await save(store, second);
    const differences = await diffSavepoints(await Savepoint.open(first.storage(), 'a'), await Savepoint.open(second.storage(), 'b'));
    expect(differences).toEqual([{ job: 'sales', operator: 'hash-aggregate counts', table: 'groups', onlyInFirst: 1, onlyInSecond: 1, changed: 1 }]);
  });
});

describe('a damaged savepoint', () => {
  const damages: Readonly<Record<string, { damage: (disk: SimulatedDisk) => void; file: string; problem: RegExp }>> = {
    missing: { damage: (disk) => disk.delete('state/kg-00003'), file: 'state/kg-00003', problem: /it is missing/ },
    truncated: {
      damage: (disk) => disk.poke('state/kg-00005', disk.peek('state/kg-00005').slice(0, 100)),
      file: 'state/kg-00005',
      problem: /it has 100 bytes instead of \d+/,
    },
    swapped: {
      damage: (disk) => disk.poke('state/kg-00090', disk.peek('state/kg-00003')),
      file: 'state/kg-00090',
      problem: /it is "state\/kg-00003"/,
    },
    flipped: {
      damage: (disk) =>
        disk.poke(
          'catalog.json',
          disk.peek('catalog.json').map((byte, at) => (at === 3 ? byte ^ 1 : byte)),
        ),
      file: 'catalog.json',
      problem: /it does not fit its SHA-256/,
    },
  };

  test.each(Object.entries(damages))('(%s file) is named and refused', async (_, { damage, file, problem }) => {
    const disk = newDisk();
    await save(await once(), disk);
    damage(disk);
    const savepoint = await Savepoint.open(disk.storage(), 'a');
    expect(await savepoint.verify()).toEqual([{ file, problem: expect.stringMatching(problem) }]);
    await expect(savepoint.requireSound()).rejects.toMatchObject({
      code: 'XX001',
      message: expect.stringContaining(`"${file}" of the savepoint "a"`),
    });
  });

  test('(any file torn at a border of 512 bytes) is named and refused', async () => {
    const whole = newDisk();
    await save(await once(), whole);
    for (const file of whole.files()) {
      const bytes = whole.peek(file);
      for (let cut = 0; cut < bytes.length; cut += 512) {
        for (const extended of [false, true]) {
          const disk = whole.copy();
          const torn = new Uint8Array(extended ? bytes.length : cut);
          torn.set(bytes.subarray(0, cut));
          disk.poke(file, torn);
          const sound = Savepoint.open(disk.storage(), 'a').then((savepoint) => savepoint.requireSound());
          await expect(sound, `${file} at ${cut}`).rejects.toMatchObject({ code: 'XX001' });
        }
      }
    }
  });

  test('is refused without COMMIT, with the manifest of another one, of a newer version, and where there is none', async () => {
    const disk = newDisk();
    await save(await once(), disk);
    const manifest = new TextDecoder().decode(disk.peek('manifest.json'));
    const whole = disk.peek('COMMIT');
    const open = (): Promise<Savepoint> => Savepoint.open(disk.storage(), 'a');
    disk.poke('COMMIT', new TextEncoder().encode(commitText(manifest, 2)));
    await expect(open()).rejects.toMatchObject({ code: '55000', message: 'the savepoint "a" was written by a newer version of fsql' });
    disk.poke(
      'COMMIT',
      whole.map((byte, at) => (at === 24 ? byte ^ 1 : byte)),
    );
    await expect(open()).rejects.toMatchObject({ code: 'XX001', message: expect.stringContaining('file "COMMIT"') });
    disk.poke('COMMIT', whole);
    disk.poke('manifest.json', new TextEncoder().encode(`${manifest} `));
    await expect(open()).rejects.toMatchObject({ code: 'XX001', message: expect.stringContaining('file "manifest.json"') });
    disk.delete('COMMIT');
    await expect(open()).rejects.toMatchObject({ code: '58P01', detail: expect.stringContaining('never finished') });
    await expect(Savepoint.open(newDisk().storage(), 'b')).rejects.toMatchObject({ code: '58P01', message: '"b" is not a savepoint' });
  });
});

describe('a disk that fails at any call', () => {
  test.each(['noSpace', 'ioError'] as const)('(%s) leaves no savepoint and harms nothing', async (kind) => {
    const store = await once();
    for (let call = 1; ; call++) {
      const target = newDisk();
      target.failAt(call, kind);
      const failed = await save(store, target).then(
        () => false,
        () => true,
      );
      target.repair();
      // Space may be short where nothing is written.
      if (!failed && target.calls < call) break;
      if (failed) await expect(Savepoint.open(target.storage(), 'a')).rejects.toMatchObject({ code: '58P01' });
      else expect(await (await Savepoint.open(target.storage(), 'a')).verify()).toEqual([]);
    }
    const sound = newDisk();
    await save(store, sound);
    expect(await (await Savepoint.open(sound.storage(), 'a')).verify()).toEqual([]);
  });

  test('a machine that stops while it restores begins anew', async () => {
    const disk = newDisk();
    await save(await bySteps(), disk);
    const savepoint = await Savepoint.open(disk.storage(), 'a');
    const restore = (made: SimulatedDisk): Promise<boolean> =>
      restoreSimulatedStore(made, savepoint.sha256, (store) => restoreSavepoint(savepoint, store, []));
    for (let call = 1; ; call++) {
      const made = newDisk();
      made.failAt(call, 'stop');
      const done = await restore(made).then(
        () => true,
        () => false,
      );
      if (done) break;
      made.restart();
      const opened = await openSimulatedStore(made.copy()).then(
        async (store) => (await loadTable(store, 'counts', 'groups')).size,
        (error: { code: string }) => error.code,
      );
      // Nothing yet, not finished, or all of it: never a part.
      expect([0, '55000', 3], `call ${call}`).toContain(opened);
      if (opened === 0) continue;
      await restore(made);
      expect((await loadTable(await openSimulatedStore(made), 'counts', 'groups')).size).toBe(3);
      await expect(restoreSimulatedStore(made, 'another', async () => undefined)).rejects.toMatchObject({ code: '55000' });
    }
  });
});
