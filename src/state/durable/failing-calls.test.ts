import { describe, expect, test } from 'vitest';
import { SqlError, SqlState, seededRandom } from '../../base/index.ts';
import {
  type FaultKind,
  MachineStopped,
  ModelWorkload,
  nothingObserved,
  type Observed,
  openOutcome,
  openSimulatedStore,
  SimulatedDisk,
  type StorageWorkload,
  storageWorkloads,
} from '../testing/index.ts';

/** FSQL_STATE_SEED repeats a run; FSQL_STATE_STEP=1 fails every call of every workload instead of one in so many. */
const seed = Number(process.env.FSQL_STATE_SEED ?? Math.floor(Math.random() * 2 ** 30));
const step = Number(process.env.FSQL_STATE_STEP ?? 300);
const codes: Readonly<Record<Exclude<FaultKind, 'stop'>, string>> = { noSpace: SqlState.diskFull, ioError: SqlState.ioError };

/** The server ends at the first error that reaches it; the machine goes on, so that the system's memory still has what never reached the disk. */
async function runUntilError({ run }: StorageWorkload, disk: SimulatedDisk, observed: Observed): Promise<SqlError | null> {
  try {
    await run(disk, observed, seededRandom(seed));
    return null;
  } catch (error) {
    if (error instanceof SqlError) return error;
    throw error;
  }
}

async function callsOf(workload: StorageWorkload): Promise<number> {
  const disk = new SimulatedDisk(seededRandom(seed));
  expect(await runUntilError(workload, disk, nothingObserved())).toBeNull();
  return disk.calls;
}

// Names of `describe.each` are cut short, and one is to be found by its workload.
for (const workload of storageWorkloads) {
  describe(`${workload.name} (seed ${seed})`, () => allCallsOf(workload));
}

function allCallsOf(workload: StorageWorkload): void {
  test.each(['noSpace', 'ioError'] as const)(
    '%s at the n-th call: an error with its code, and nothing acknowledged is lost, also when the machine stops later',
    async (kind) => {
      const calls = await callsOf(workload);
      let failed = 0;
      let tried = 0;
      for (let call = 1 + (seed % step); call <= calls; call += step) {
        const disk = new SimulatedDisk(seededRandom(seed + call));
        disk.failAt(call, kind);
        const observed = nothingObserved();
        const error = await runUntilError(workload, disk, observed);
        tried++;
        if (error !== null) {
          failed++;
          expect({ call, code: error.code, message: error.message }).toMatchObject({ call, code: codes[kind] });
        }
        disk.repair();
        expect({ call, ...(await openOutcome(disk, observed)) }).toMatchObject({ call, error: null, problems: [] });
        const store = await openSimulatedStore(disk);
        observed.incarnation = store.incarnation;
        await new ModelWorkload(store, observed, seededRandom(call)).run(3);
        disk.failAt(1, 'stop');
        await store.close().catch((stopped: unknown) => expect(stopped).toBeInstanceOf(MachineStopped));
        disk.restart();
        expect({ call, later: true, ...(await openOutcome(disk, observed)) }).toMatchObject({ call, error: null, problems: [] });
      }
      process.stderr.write(
        `${kind}, ${workload.name} (seed ${seed}): ${tried} of ${calls} calls, ${failed} with an error, ${tried - failed} without\n`,
      );
      expect(failed).toBeGreaterThan(tried / 8 - 1);
    },
    3_600_000,
  );
}
