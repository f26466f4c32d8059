import { describe, expect, test } from 'vitest';
import { SqlError, seededRandom } from '../../base/index.ts';
import { MemoryKeyValuePlace } from '../leveldb/index.ts';
import type { StateStore } from '../state-store.ts';
import {
  ModelWorkload,
  nothingObserved,
  type Observed,
  openSimulatedStore,
  problemsOf,
  SimulatedDisk,
  Sleep,
  sleepingStorage,
} from '../testing/index.ts';

/** FSQL_STATE_SEED repeats a run; FSQL_STATE_STEP=1 stops the server at every call instead of at every fifth. */
const seed = Number(process.env.FSQL_STATE_SEED ?? 20_264);
const step = Number(process.env.FSQL_STATE_STEP ?? 5);
const EPOCHS = 14;
const NEVER = Number.POSITIVE_INFINITY;

/** What a server has acknowledged, as text, so that what came later can be told. */
function acknowledged(observed: Observed): Set<string> {
  return new Set([
    ...[...observed.writesAcknowledged].map(([position, text]) => `write ${position} ${text}`),
    ...[...observed.recordsAcknowledged].map((epoch) => `record ${epoch}`),
    `checkpoint ${observed.checkpointAcknowledged}`,
    ...observed.entriesBegun.slice(0, observed.entriesAcknowledged).map((entry) => `entry ${entry}`),
  ]);
}

/** What a server that has just opened the directory knows, in the same words. */
async function known(store: StateStore): Promise<{ readonly has: (text: string) => boolean }> {
  const restored = store.restoredRecord()?.epoch ?? 0;
  const newest = store.recordsToReplay().at(-1)?.epoch ?? restored;
  const writes = new Map<number, string>();
  for await (const { position, writes: parts } of store.embeddedLog.read(0)) writes.set(position, new TextDecoder().decode(parts[0]?.batch));
  const entries = new Set(store.catalogLog.entries());
  return {
    has: (text) => {
      const [kind, number, ...rest] = text.split(' ');
      if (kind === 'write')
        return Number(number) <= store.embeddedLog.lastPosition() && [undefined, rest.join(' ')].includes(writes.get(Number(number)));
      if (kind === 'entry') return entries.has(text.slice('entry '.length));
      return Number(number) <= (kind === 'record' ? newest : restored);
    },
  };
}

interface Running {
  readonly observed: Observed;
  /** What ended it; null: it came to its end. */
  readonly ended: Promise<unknown>;
}

/** A server that opens the directory and works on it. Its base is its own, as that of a process is. */
function serve(disk: SimulatedDisk, sleep: Sleep, observed: Observed, lost: (error: SqlError) => void): Running {
  const work = async (): Promise<void> => {
    const storage = sleepingStorage(disk.storage(), sleep);
    const store = await openSimulatedStore(disk, undefined, { storage, keyValueStore: new MemoryKeyValuePlace(), lost });
    await new ModelWorkload(store, observed, seededRandom(seed)).run(EPOCHS);
  };
  return {
    observed,
    ended: work().then(
      () => null,
      (error: unknown) => error,
    ),
  };
}

async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  for (let turn = 0; turn < 3_000 && !done; turn++) await Promise.resolve();
  return done;
}

describe(`a server that sleeps while another takes its directory over (seed ${seed})`, () => {
  async function callsOfRun(): Promise<number> {
    const sleep = new Sleep(NEVER, false);
    expect(await serve(new SimulatedDisk(seededRandom(seed)), sleep, nothingObserved(), () => undefined).ended).toBeNull();
    return sleep.calls;
  }

  /** The whole story, with the first server asleep at `call`. */
  async function story(call: number, behind: boolean): Promise<{ readonly problems: string[]; readonly refused: boolean } | null> {
    const disk = new SimulatedDisk(seededRandom(seed + call));
    const sleep = new Sleep(call, behind);
    const losses: SqlError[] = [];
    const first = serve(disk, sleep, nothingObserved(), (error) => losses.push(error));
    await sleep.asleep;
    // What is under way comes to a stop, too.
    expect(await settled(first.ended)).toBe(false);
    // It has claimed nothing yet, and may do so later on.
    if (!disk.files().some((name) => name.startsWith('incarnation-'))) return null;
    const before = acknowledged(first.observed);
    const second = await openSimulatedStore(disk, undefined, { keyValueStore: new MemoryKeyValuePlace() });
    const problems = (await problemsOf(second, first.observed, { fallBack: false })).map((problem) => `taken over: ${problem}`);
    const knows = await known(second);
    const observed = structuredClone(first.observed);
    const workload = new ModelWorkload(second, observed, seededRandom(seed + 1));
    // It may wake before its successor has committed anything.
    await workload.run(call % 4);
    sleep.wake();
    const end = await first.ended;
    // Asleep in its last calls it had nothing more to acknowledge.
    if (end !== null && !(end instanceof SqlError)) problems.push(`the first server ended with ${String(end)}`);
    for (const text of acknowledged(first.observed)) if (!before.has(text) && !knows.has(text)) problems.push(`acknowledged late: ${text}`);
    if (losses.length > 1) problems.push(`told ${losses.length} times`);
    await workload.run(5);
    await second.close();
    const third = await openSimulatedStore(disk, undefined, { keyValueStore: new MemoryKeyValuePlace() });
    problems.push(...(await problemsOf(third, observed, { fallBack: false })).map((problem) => `in the end: ${problem}`));
    await third.close();
    return { problems, refused: end !== null };
  }

  test('at any call: acknowledges nothing more, damages nothing, and what it had acknowledged is there', async () => {
    const calls = await callsOfRun();
    expect(calls).toBeGreaterThan(400);
    let stories = 0;
    let refusals = 0;
    for (let call = 1 + (seed % step); call <= calls; call += step) {
      for (const behind of [false, true]) {
        const told = await story(call, behind);
        if (told === null) continue;
        expect({ call, behind, problems: told.problems }).toEqual({ call, behind, problems: [] });
        stories++;
        if (told.refused) refusals++;
      }
    }
    expect(refusals).toBeGreaterThan(stories * 0.8);
  }, 3_600_000);
});

describe('a directory whose former owner still removes files while it is taken over', () => {
  /** Each of the first lists names a file that is gone by then. */
  async function open(lists: number, standby: boolean): Promise<StateStore> {
    const disk = new SimulatedDisk(seededRandom(seed));
    await new ModelWorkload(await openSimulatedStore(disk), nothingObserved(), seededRandom(seed)).run(EPOCHS);
    const storage = disk.storage();
    let left = lists;
    const list = async (folder: string): Promise<string[]> => {
      const names = await storage.list(folder);
      return folder === 'epochs' && left-- > 0 ? ['0000000000000000', ...names] : names;
    };
    const waits = { standby: { leaseMs: 1_000, signal: new AbortController().signal, waiting: () => undefined } };
    return openSimulatedStore(disk, undefined, { storage: { ...storage, list }, ...(standby ? waits : {}) });
  }

  test('is read again, some times', async () => {
    await (await open(3, true)).close();
    await expect(open(20, true)).rejects.toMatchObject({ code: '58P01' });
  });

  test('a directory that nobody else had lacks that file', async () => {
    await expect(open(2, false)).rejects.toMatchObject({ code: '58P01', message: expect.stringContaining('epochs/') });
  });
});
