import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { ModelWorkload, nothingObserved, openSimulatedStore, problemsOf, SimulatedDisk } from '../testing/index.ts';

/** FSQL_STATE_SEED repeats a run; FSQL_STATE_STEP=1 stops at every call instead of at every eleventh. */
const seed = Number(process.env.FSQL_STATE_SEED ?? 20_261);
const step = Number(process.env.FSQL_STATE_STEP ?? 11);
const EPOCHS = 20;

async function runUntilStop(disk: SimulatedDisk, observed = nothingObserved(), epochs = EPOCHS): Promise<typeof observed> {
  try {
    const store = await openSimulatedStore(disk);
    await new ModelWorkload(store, observed, seededRandom(seed)).run(epochs);
    await store.close();
  } catch (error) {
    if (!disk.stopped) throw error;
  }
  return observed;
}

async function callsOfRun(): Promise<number> {
  const disk = new SimulatedDisk(seededRandom(seed));
  await runUntilStop(disk);
  return disk.calls;
}

async function checkReopened(disk: SimulatedDisk, observed: ReturnType<typeof nothingObserved>): Promise<string[]> {
  const store = await openSimulatedStore(disk);
  const problems = await problemsOf(store, observed, { fallBack: false });
  await store.close();
  return problems;
}

describe(`a machine that stops (seed ${seed})`, () => {
  test('at any call: what was acknowledged is there afterwards, the rest is absent or whole', async () => {
    const calls = await callsOfRun();
    expect(calls).toBeGreaterThan(400);
    for (let call = 1 + (seed % step); call <= calls; call += step) {
      const disk = new SimulatedDisk(seededRandom(seed + call));
      disk.failAt(call, 'stop');
      const observed = await runUntilStop(disk);
      disk.restart();
      expect({ call, problems: await checkReopened(disk, observed) }).toEqual({ call, problems: [] });
      // Work goes on, and the machine stops again: during recovery, or soon after it.
      disk.failAt(1 + ((call * 7) % 150), 'stop');
      await runUntilStop(disk, observed, 4);
      disk.restart();
      expect({ call, again: true, problems: await checkReopened(disk, observed) }).toEqual({ call, again: true, problems: [] });
    }
  }, 3_600_000);
});
