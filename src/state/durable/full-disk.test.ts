import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeDirectoryLock } from '../../base/adapters/node-directory-lock.ts';
import { nodeStorage } from '../../base/adapters/node-storage.ts';
import { systemClock } from '../../base/adapters/system-clock.ts';
import { SqlState, seededRandom, silentLogger, toSqlError } from '../../base/index.ts';
import { levelStoreFactory } from '../leveldb/index.ts';
import type { StateStore } from '../state-store.ts';
import { ModelWorkload, nothingObserved, type Observed, problemsOf, smallLimits } from '../testing/index.ts';
import { openStateStore } from './index.ts';

const DISK_BYTES = 4 * 1024 * 1024;
const BALLAST_BYTES = DISK_BYTES / 2;
const EPOCHS_MAX = 2_000;
/** One in `npm test`. */
const rounds = Number(process.env.FSQL_STATE_FULL_ROUNDS ?? 1);

let root = '';
/** Why there is no small disk; null: it is mounted at `root`. */
let reason: string | null = null;

/** A disk of its own takes the right to mount one, as root has it. */
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fsql-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', root], { stdio: 'pipe' });
    reason = null;
  } catch (error) {
    reason = `no small disk can be mounted: ${toSqlError(error).message.trim()}`;
  }
});
afterEach(async () => {
  if (reason === null) execFileSync('umount', [root]);
  await rm(root, { recursive: true });
});

function open(): Promise<StateStore> {
  const directory = join(root, 'data');
  return openStateStore({
    storage: nodeStorage(directory),
    keyValueStore: levelStoreFactory(join(directory, 'base')),
    lock: nodeDirectoryLock(directory),
    clock: systemClock,
    logger: silentLogger,
    limits: smallLimits,
  });
}

/** Until the disk is full. */
async function fill(observed: Observed, seed: number): Promise<string> {
  const store = await open();
  try {
    await new ModelWorkload(store, observed, seededRandom(seed), { writeBytes: 20_000, checkpointEvery: 20 }).run(EPOCHS_MAX);
  } catch (error) {
    return toSqlError(error).code;
  } finally {
    await store.close().catch(() => undefined);
  }
  return 'none';
}

test('a disk that is really full: 53100, nothing acknowledged is lost, and with room again all goes on', { timeout: 120_000 }, async (context) => {
  if (reason !== null) return context.skip(reason);
  const observed = nothingObserved();
  const ballast = join(root, 'ballast');
  for (let round = 1; round <= rounds; round++) {
    await writeFile(ballast, new Uint8Array(BALLAST_BYTES - round * 100_003));
    expect({ round, code: await fill(observed, round) }).toEqual({ round, code: SqlState.diskFull });
    await rm(ballast);
    const store = await open();
    expect({ round, problems: await problemsOf(store, observed, { fallBack: false }) }).toEqual({ round, problems: [] });
    observed.incarnation = store.incarnation;
    await new ModelWorkload(store, observed, seededRandom(round)).run(12);
    await store.close();
  }
});
