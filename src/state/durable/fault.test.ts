import { describe, expect, test } from 'vitest';
import { SqlState, seededRandom } from '../../base/index.ts';
import {
  blockOf,
  loadTable,
  ModelWorkload,
  nothingObserved,
  type Observed,
  openOutcome,
  openSimulatedStore,
  problemsOf,
  recordOf,
  SimulatedDisk,
  Warnings,
} from '../testing/index.ts';
import { FILE_HEADER_BYTES } from './append-log-file.ts';
import { formatText } from './directory-format.ts';

/** FSQL_STATE_SEED repeats a run; FSQL_STATE_STEP=1 tears all files instead of one in three. */
const seed = Number(process.env.FSQL_STATE_SEED ?? 20_262);
const sampleOf = process.env.FSQL_STATE_STEP === '1' ? 1 : 3;
const EPOCHS = 21;

/** A directory after a run of some checkpoints, with epochs behind the last one. */
async function finishedRun(epochs = EPOCHS, history = seed): Promise<{ disk: SimulatedDisk; observed: Observed }> {
  const disk = new SimulatedDisk(seededRandom(history));
  const observed = nothingObserved();
  const store = await openSimulatedStore(disk);
  await new ModelWorkload(store, observed, seededRandom(history)).run(epochs);
  await store.close();
  return { disk, observed };
}

/** The file of a log that the last record went to: from where on it may be torn, and its end. */
function lastFile(disk: SimulatedDisk, folder: string, before: ReadonlyMap<string, number>): { file: string; start: number; end: number } {
  const file = disk.files().findLast((name) => name.startsWith(`${folder}/`))!;
  return { file, start: before.get(file) ?? 0, end: disk.peek(file).length };
}

/** For people: how many ends were tried, each cut off and with zeros behind. None is silent, or the test has failed. */
function printTorn(what: string, cuts: number): void {
  process.stderr.write(`torn writes, ${what} (seed ${seed}): ${2 * cuts} tried, 0 silent\n`);
}

/** The file cut off, and cut off with zeros behind. */
async function expectWholeOrAbsent(disk: SimulatedDisk, observed: Observed, { file, cut }: { file: string; cut: number }): Promise<void> {
  const whole = disk.peek(file);
  for (const extended of [false, true]) {
    const torn = disk.copy();
    const bytes = new Uint8Array(extended ? whole.length : cut);
    bytes.set(whole.subarray(0, cut));
    torn.poke(file, bytes);
    // The header of a new file is there for good before the file in front of it says that there is one.
    const error = cut < FILE_HEADER_BYTES ? expect.objectContaining({ code: SqlState.dataCorrupted }) : null;
    expect({ file, cut, extended, ...(await openOutcome(torn, observed)) }).toEqual({ file, cut, extended, error, problems: [], warnings: [] });
  }
}

describe('torn writes', () => {
  test('of logs at every border of 512 bytes, and bytes between: records are whole or absent', async () => {
    const { disk, observed } = await finishedRun(6);
    const store = await openSimulatedStore(disk);
    observed.incarnation = store.incarnation;
    const before = new Map(disk.files().map((file) => [file, disk.peek(file).length]));
    const texts = Array.from({ length: 12 }, (_, index) => `${index}`.repeat(60));
    for (const text of texts) observed.written.add(text);
    const batch = (text: string) => new TextEncoder().encode(text);
    await Promise.all(
      texts.map((text) =>
        store.embeddedLog.append(['first', 'second'].map((relation, index) => ({ relation, batch: batch(text), rows: index + 1 }))),
      ),
    );
    await store.close();
    const { file, start, end } = lastFile(disk, 'embedded', before);
    expect(end - start).toBeGreaterThan(2_000);
    let cuts = 0;
    for (let cut = start; cut < end; cut += cut % 512 === 0 || cut + 37 < 512 * Math.ceil(cut / 512) ? 37 : (512 - (cut % 512)) % 512) {
      await expectWholeOrAbsent(disk, observed, { file, cut });
      cuts++;
    }
    printTorn('embedded log', cuts);
  });

  test('of a large record of an epoch, or entry of the catalog, at every border of 512 bytes: it is whole or absent', async () => {
    const { disk, observed } = await finishedRun(6);
    const store = await openSimulatedStore(disk);
    observed.incarnation = store.incarnation;
    const before = new Map(disk.files().map((file) => [file, disk.peek(file).length]));
    const record = recordOf(Math.max(...observed.recordsAcknowledged) + 1, store.incarnation, 1);
    const [source] = record.sources;
    const large = { ...record, sources: [{ ...source!, splits: Array.from({ length: 40 }, () => source!.splits[0]!) }] };
    observed.records.push(large);
    await store.appendEpochRecord(large);
    observed.entriesBegun.push('entry '.repeat(500));
    await store.catalogLog.append(observed.entriesBegun.at(-1)!);
    await store.close();
    for (const folder of ['epochs', 'catalog']) {
      const { file, start, end } = lastFile(disk, folder, before);
      expect(end - start).toBeGreaterThan(2_000);
      let cuts = 0;
      for (let cut = start; cut < end; cut += 512 - (cut % 512), cuts++) await expectWholeOrAbsent(disk, observed, { file, cut });
      printTorn(folder, cuts);
    }
  });

  test('of manifests and segments at every border of 512 bytes: found, and an older checkpoint or the base helps', async () => {
    const { disk, observed } = await finishedRun();
    const all = disk.files().filter((file) => /^(manifests|segments|snapshots)\//.test(file));
    const files = all.filter((_, index) => index % sampleOf === seed % sampleOf);
    let cuts = 0;
    for (const file of files) {
      const whole = disk.peek(file);
      for (let cut = 0; cut < whole.length; cut += 512, cuts++) {
        for (const extended of [false, true]) {
          const torn = disk.copy();
          const bytes = new Uint8Array(extended ? whole.length : cut);
          bytes.set(whole.subarray(0, cut));
          torn.poke(file, bytes);
          const { error, problems } = await openOutcome(torn, observed);
          expect({ file, cut, extended, problems, code: error?.code ?? SqlState.dataCorrupted }).toEqual({
            file,
            cut,
            extended,
            problems: [],
            code: SqlState.dataCorrupted,
          });
        }
      }
    }
    printTorn(`${files.length} of ${all.length} manifests, segments and snapshots`, cuts);
  });
});

describe('files that are not what they should be', () => {
  test('the newest manifest damaged: the one before is restored, with a warning that names the file; then work goes on', async () => {
    const { disk, observed } = await finishedRun();
    const newest = disk.files().findLast((file) => file.startsWith('manifests/manifest-'))!;
    disk.poke(newest, disk.peek(newest).subarray(0, 100));
    const warnings = new Warnings();
    const store = await openSimulatedStore(disk, warnings);
    expect(store.restoredRecord()?.epoch).toBe(observed.checkpointAcknowledged - 2);
    expect(warnings.texts.join('\n')).toContain(newest);
    expect(await problemsOf(store, observed, { fallBack: true })).toEqual([]);
    observed.checkpoints.pop();
    observed.checkpointAcknowledged -= 2;
    await new ModelWorkload(store, observed, seededRandom(9)).run(10);
    await store.close();
    expect(await openOutcome(disk, observed)).toEqual({ error: null, problems: [], warnings: [] });
    expect((await openSimulatedStore(disk)).restoredRecord()?.epoch).toBe(observed.checkpointAcknowledged);
  });

  test('of whatever checkpoint the manifest is damaged, those before it have all of their files', async () => {
    for (let epochs = 8; epochs <= 30; epochs += 2) {
      const { disk, observed } = await finishedRun(epochs);
      const manifests = disk.files().filter((file) => file.startsWith('manifests/manifest-'));
      for (const name of manifests.slice(1).reverse()) {
        disk.poke(name, disk.peek(name).subarray(0, 100));
        const before = manifests.indexOf(name) - 1;
        const damaged = disk.copy();
        damaged.keyValuePlace.values.clear();
        const { error, problems } = await openOutcome(damaged, observed);
        expect({ epochs, before, error, problems }).toEqual({ epochs, before, error: null, problems: [] });
      }
    }
  });

  test('confirmations that overlap with the next checkpoints leave all that these need', async () => {
    for (let history = seed; history < seed + 16; history++) {
      const disk = new SimulatedDisk(seededRandom(history));
      const observed = nothingObserved();
      const habits = { overlapping: true, checkpointEvery: 1, unconfirmedEvery: 100 };
      await new ModelWorkload(await openSimulatedStore(disk), observed, seededRandom(history), habits).run(8 + (history % 16));
      disk.keyValuePlace.values.clear();
      expect({ history, ...(await openOutcome(disk, observed)) }).toEqual({ history, error: null, problems: [], warnings: [] });
    }
  });

  test('every file missing, one at a time: found or harmless', async () => {
    const { disk, observed } = await finishedRun();
    for (const file of disk.files()) {
      const damaged = disk.copy();
      damaged.delete(file);
      const { error, problems } = await openOutcome(damaged, observed);
      expect({ file, problems }).toEqual({ file, problems: [] });
      if (error !== null) expect(error.code).toBe(SqlState.dataCorrupted);
      const newestEpochs = disk.files().findLast((name) => name.startsWith('epochs/'));
      if (file === newestEpochs || /^(FORMAT|embedded|catalog)/.test(file))
        expect({ file, code: error?.code }).toEqual({ file, code: SqlState.dataCorrupted });
    }
  });

  test('the last file of a log missing, with nothing in it that a manifest knows of: found, and named', async () => {
    const { disk, observed } = await finishedRun();
    const store = await openSimulatedStore(disk);
    const before = new Set(disk.files());
    for (let index = 1; index <= 12; index++) {
      await store.appendEpochRecord(recordOf(Math.max(...observed.recordsAcknowledged) + index, store.incarnation, index));
      await store.embeddedLog.append([{ relation: 'r', batch: new Uint8Array(200), rows: 1 }]);
    }
    await store.close();
    for (const folder of ['epochs', 'embedded']) {
      const names = disk.files().filter((file) => file.startsWith(`${folder}/`) && !before.has(file));
      expect(names.length).toBeGreaterThan(1);
      const damaged = disk.copy();
      damaged.delete(names.at(-1)!);
      const { error } = await openOutcome(damaged, nothingObserved());
      expect(error).toMatchObject({ code: SqlState.dataCorrupted, message: expect.stringContaining(names.at(-1)!) });
    }
  });

  test('two files of one kind swapped: found or harmless', async () => {
    const { disk, observed } = await finishedRun();
    for (const folder of ['manifests', 'segments', 'epochs', 'embedded']) {
      const names = disk.files().filter((file) => file.startsWith(`${folder}/`));
      const [left, right] = [names.at(-1)!, names.at(-2)!];
      const damaged = disk.copy();
      damaged.poke(left, disk.peek(right));
      damaged.poke(right, disk.peek(left));
      const { error, problems, warnings } = await openOutcome(damaged, observed);
      expect({ folder, problems }).toEqual({ folder, problems: [] });
      expect({ folder, noticed: error !== null || warnings.length > 0 || folder === 'segments' }).toEqual({ folder, noticed: true });
    }
  });

  test('a sound manifest of another history: refused, and named', async () => {
    const { disk, observed } = await finishedRun();
    const other = await finishedRun(EPOCHS, seed + 1);
    const name = disk.files().filter((file) => file.startsWith('manifests/'))[1]!;
    disk.poke(name, other.disk.peek(name));
    const { error } = await openOutcome(disk, observed);
    expect(error).toMatchObject({ code: SqlState.dataCorrupted, message: expect.stringMatching(`${name}.*goes on from a different one`) });
  });

  test('a sound segment of another history, of the same name and size: refused, and named', async () => {
    const saved = async (value: number): Promise<{ disk: SimulatedDisk; file: string }> => {
      const disk = new SimulatedDisk(seededRandom(seed));
      const store = await openSimulatedStore(disk);
      const record = recordOf(1, store.incarnation, 1);
      await store.appendEpochRecord(record);
      const segment = await store.prepare(1, 0, [blockOf({ operatorId: 'counts', table: 'groups', keyGroup: 0 }, new Map([[1, value]]), [])]);
      await store.commit(record, [segment], ['counts']);
      await store.close();
      return { disk, file: segment.file };
    };
    const [own, other] = [await saved(10), await saved(11)];
    expect(other.disk.peek(other.file).length).toBe(own.disk.peek(own.file).length);
    own.disk.poke(own.file, other.disk.peek(other.file));
    await expect(openSimulatedStore(own.disk)).rejects.toMatchObject({
      code: SqlState.dataCorrupted,
      message: expect.stringContaining(`file "${own.file}" is damaged: it does not fit`),
    });
  });

  test('a block of a segment that is not in the base yet, damaged while the server runs: loading names the file and the byte', async () => {
    const disk = new SimulatedDisk(seededRandom(seed));
    const store = await openSimulatedStore(disk);
    const record = recordOf(1, store.incarnation, 1);
    const segment = await store.prepare(1, 0, [blockOf({ operatorId: 'counts', table: 'groups', keyGroup: 0 }, new Map([[1, 10]]), [])]);
    await store.commit(record, [segment], ['counts']);
    const bytes = disk.peek(segment.file).slice();
    bytes[40]! ^= 1;
    disk.poke(segment.file, bytes);
    const message = `file "${segment.file}" is damaged at byte 8: a block does not fit its checksum`;
    await expect(loadTable(store, 'counts', 'groups')).rejects.toMatchObject({ code: SqlState.dataCorrupted, message });
  });

  test('an entry of the base lost or out of date: the base is built again', async () => {
    const { disk, observed } = await finishedRun();
    const older = await finishedRun(EPOCHS - 3);
    for (const key of disk.keyValuePlace.values.keys()) {
      const lost = disk.copy();
      lost.keyValuePlace.values.delete(key);
      expect({ key, ...(await openOutcome(lost, observed)) }).toMatchObject({ key, error: null, problems: [] });
      const stale = older.disk.keyValuePlace.values.get(key);
      if (stale === undefined) continue;
      const mixed = disk.copy();
      mixed.keyValuePlace.values.set(key, stale);
      expect({ key, ...(await openOutcome(mixed, observed)) }).toMatchObject({ key, error: null, problems: [] });
    }
  });

  test('the base of another history, of the same checkpoint: it is built again', async () => {
    const { disk, observed } = await finishedRun();
    const other = await finishedRun(EPOCHS, seed + 1);
    disk.keyValuePlace.values.clear();
    for (const [key, value] of other.disk.keyValuePlace.values) disk.keyValuePlace.values.set(key, value);
    expect(await openOutcome(disk, observed)).toMatchObject({ error: null, problems: [] });
  });

  test('a directory of a newer or older version, or of somebody else, is refused and left alone', async () => {
    const { disk } = await finishedRun(2);
    for (const [version, age] of [[99, 'a newer'] as const, [1, 'an older'] as const]) {
      disk.poke('FORMAT', new TextEncoder().encode(formatText(version)));
      const before = disk.files();
      await expect(openSimulatedStore(disk)).rejects.toMatchObject({
        code: '55000',
        message: `the data directory was written by ${age} version of fsql`,
      });
      expect(disk.files()).toEqual(before);
    }
    const foreign = new SimulatedDisk(seededRandom(1));
    await (await foreign.storage().open('notes.txt', 'create')).close();
    await expect(openSimulatedStore(foreign)).rejects.toMatchObject({ code: '55000', detail: 'It holds "notes.txt".' });
    expect(foreign.files()).toEqual(['notes.txt']);
  });

  test('a second server that got past the lock is fenced by the manifest', async () => {
    const { disk } = await finishedRun(4);
    const first = await openSimulatedStore(disk);
    const second = await openSimulatedStore(disk);
    const epoch = first.recordsToReplay().at(-1)?.epoch ?? first.restoredRecord()!.epoch;
    const record = (store: typeof first) => ({ ...first.restoredRecord()!, epoch: epoch + 1, incarnation: store.incarnation });
    await second.commit(record(second), [], []);
    await expect(first.commit(record(first), [], [])).rejects.toMatchObject({ code: '55006' });
    await expect(first.commit({ ...record(first), epoch: epoch + 2 }, [], [])).rejects.toMatchObject({ code: '55006' });
  });
});

describe('a disk that fails', () => {
  test('a full disk: writes are refused with 53100 and leave nothing; once there is room, writes go on in the same server', async () => {
    const { disk, observed } = await finishedRun(4);
    const store = await openSimulatedStore(disk);
    const write = { relation: 'first', batch: new Uint8Array(900), rows: 1 };
    const last = store.embeddedLog.lastPosition();
    disk.failAt(1, 'noSpace', true);
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(store.embeddedLog.append([write])).rejects.toMatchObject({ code: '53100' });
      await expect(store.catalogLog.append('entry')).rejects.toMatchObject({ code: '53100' });
      await expect(store.prepare(100, 0, [])).rejects.toMatchObject({ code: '53100' });
    }
    expect(store.embeddedLog.lastPosition()).toBe(last);
    disk.repair();
    expect(await Promise.all([store.embeddedLog.append([write]), store.embeddedLog.append([write])])).toEqual([last + 1, last + 2]);
    await store.catalogLog.append('entry');
    await store.close();
    const again = await openSimulatedStore(disk);
    expect(again.embeddedLog.lastPosition()).toBe(last + 2);
    expect(again.catalogLog.entries()).toEqual([...observed.entriesBegun, 'entry']);
  });

  test('an fsync that failed is not tried again: the log takes nothing more until the directory is opened anew', async () => {
    const { disk } = await finishedRun(4);
    const store = await openSimulatedStore(disk);
    const last = store.embeddedLog.lastPosition();
    await store.embeddedLog.append([]);
    disk.failAt(2, 'ioError');
    await expect(store.embeddedLog.append([])).rejects.toMatchObject({ code: '58030' });
    await expect(store.embeddedLog.append([])).rejects.toMatchObject({
      code: '58030',
      message: /^the embedded log could not be brought to the disk/,
    });
    expect(store.embeddedLog.lastPosition()).toBe(last + 1);
    await store.close();
  });
});
