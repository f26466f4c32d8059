import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeDirectoryLock } from '../../base/adapters/node-directory-lock.ts';
import { type Random, SqlError, SqlState, seededRandom } from '../../base/index.ts';
import { type SavedJob, Savepoint, writeSavepoint } from '../savepoint/index.ts';
import { ModelWorkload, nothingObserved, type Observed, openOutcome, openSimulatedStore, SimulatedDisk } from '../testing/index.ts';

/** FSQL_STATE_SEED repeats a run; FSQL_STATE_FLIPS is the number of flipped bits, of which three quarters are of a data directory. */
const seed = Number(process.env.FSQL_STATE_SEED ?? Math.floor(Math.random() * 2 ** 30));
const flips = Number(process.env.FSQL_STATE_FLIPS ?? 100);
const EPOCHS = 21;
/** A process that there is not: numbers of processes are lower. */
const NOBODY = 2 ** 30;

/** What has become of the flips, by kind of file. A third way, silent, fails the test. */
class Tally {
  readonly #counts: Record<string, { detected: number; harmless: number }> = {};

  add(kind: string, detected: boolean): void {
    this.#counts[kind] ??= { detected: 0, harmless: 0 };
    this.#counts[kind][detected ? 'detected' : 'harmless']++;
  }

  kinds(): string[] {
    return Object.keys(this.#counts).sort();
  }

  print(where: string): void {
    process.stderr.write(`flipped bits, ${where} (seed ${seed}): ${JSON.stringify(this.#counts)}\n`);
  }
}

function flipped(bytes: Uint8Array, random: Random): Uint8Array {
  const bit = random.nextInt(bytes.length * 8);
  const changed = bytes.slice();
  changed[bit >> 3]! ^= 1 << (bit & 7);
  return changed;
}

function kindOf(name: string): string {
  return name.split(/[/-]/)[0]!;
}

/** A directory as a killed server has left it: with some checkpoints, epochs behind the last one, and the sign that it lives. */
async function leftDirectory(): Promise<{ readonly disk: SimulatedDisk; readonly observed: Observed }> {
  const disk = new SimulatedDisk(seededRandom(seed));
  const observed = nothingObserved();
  await new ModelWorkload(await openSimulatedStore(disk), observed, seededRandom(seed)).run(EPOCHS);
  return { disk, observed };
}

describe(`a flipped bit (seed ${seed})`, () => {
  test('of a data directory is reported with the name of the file, or does no harm', { timeout: 3_600_000 }, async () => {
    const { disk, observed } = await leftDirectory();
    const random = seededRandom(seed);
    const keys = [...disk.keyValuePlace.values.keys()];
    const files = disk.files().filter((file) => disk.peek(file).length > 0);
    const kinds = ['base', ...new Set(files.map(kindOf))];
    const tally = new Tally();
    for (let trial = 0; trial < flips * 0.75; trial++) {
      const damaged = disk.copy();
      const kind = kinds[trial % kinds.length]!;
      const inBase = kind === 'base';
      const names = inBase ? keys : files.filter((file) => kindOf(file) === kind);
      const name = names[random.nextInt(names.length)]!;
      if (inBase) damaged.keyValuePlace.values.set(name, flipped(damaged.keyValuePlace.values.get(name)!, random));
      else damaged.poke(name, flipped(damaged.peek(name), random));
      // Without a base snapshot and segments are read, every byte of them.
      if (!inBase && random.nextInt(2) === 0) damaged.keyValuePlace.values.clear();
      const { error, problems, warnings } = await openOutcome(damaged, observed);
      expect({ trial, name, problems, code: error?.code ?? SqlState.dataCorrupted }).toEqual({
        trial,
        name,
        problems: [],
        code: SqlState.dataCorrupted,
      });
      const told = [error?.message ?? '', ...warnings].join('\n');
      if (error !== null) expect({ trial, told }).toEqual({ trial, told: expect.stringContaining(inBase ? 'base' : name) });
      tally.add(kind, error !== null || warnings.length > 0);
    }
    tally.print('data directory');
    expect(tally.kinds()).toEqual(['FORMAT', 'base', 'catalog', 'embedded', 'epochs', 'incarnation', 'manifests', 'segments', 'snapshots']);
  });

  test('of a savepoint is found by whoever verifies it, with the name of the file', { timeout: 3_600_000 }, async () => {
    const { disk } = await leftDirectory();
    const store = await openSimulatedStore(disk);
    const saved = new SimulatedDisk(seededRandom(seed));
    await store.readCheckpoint((image) =>
      writeSavepoint(saved.storage(), image, { fsql: '1', catalog: '{"entries":[]}', maxParallelism: 128, jobs, embeddedPosition: 1 }),
    );
    const random = seededRandom(seed);
    const files = saved.files();
    const tally = new Tally();
    for (let trial = 0; trial < flips * 0.2; trial++) {
      const damaged = saved.copy();
      const name = files[random.nextInt(files.length)]!;
      damaged.poke(name, flipped(damaged.peek(name), random));
      const error = await Savepoint.open(damaged.storage(), 'place')
        .then(
          (savepoint) => savepoint.requireSound().then(() => null),
          (reason: unknown) => reason,
        )
        .catch((reason: unknown) => reason);
      expect({ trial, name, error }).toMatchObject({ trial, name, error: expect.any(SqlError) });
      tally.add(kindOf(name), true);
    }
    tally.print('savepoint');
  });

  test('of the lock of a server that has gone: it is taken over, or named and left alone', { timeout: 600_000 }, async () => {
    const random = seededRandom(seed);
    const tally = new Tally();
    const root = await mkdtemp(join(tmpdir(), 'fsql-lock-'));
    try {
      const whole = new TextEncoder().encode(JSON.stringify({ pid: NOBODY, host: hostname(), started: '1', address: '127.0.0.1', port: 3775 }));
      for (let trial = 0; trial < flips * 0.05; trial++) {
        const directory = join(root, String(trial));
        await mkdir(directory);
        await writeFile(join(directory, 'LOCK'), flipped(whole, random));
        const lock = nodeDirectoryLock(directory);
        const error = await lock.acquire().then(
          () => null,
          (reason: unknown) => reason,
        );
        if (error !== null) expect({ trial, error }).toMatchObject({ trial, error: { code: '55006', message: expect.stringContaining(directory) } });
        else expect(JSON.parse(await readFile(join(directory, 'LOCK'), 'utf8'))).toMatchObject({ pid: process.pid });
        tally.add('LOCK', error !== null);
        if (error === null) await lock.release();
      }
    } finally {
      await rm(root, { recursive: true });
    }
    tally.print('lock');
  });
});

const tables = ['left', 'right', 'passing'].map((name) => ({ name, columns: ['bigint', 'bigint'], keyCount: 1, tieBreakers: null }));
const jobs: readonly SavedJob[] = [
  { id: '1', name: 'model', kind: 'view', operators: ['counts', 'joins', 'views'].map((id) => ({ id, kind: 'model', tables })) },
];
