import { expect, it } from 'vitest';
import { testSeed } from '../tools/processes/index.ts';
import { runSeed } from '../tools/simulation/index.ts';
import { testBuiltIns } from './test-runners.ts';

/** Runs of one go: a sample in `npm test`, FSQL_SIM_SEEDS with `npm run test:sim`. */
const seeds = Number(process.env.FSQL_SIM_SEEDS ?? 3);
/** As long as a run may take on a busy machine. */
const RUN_MS = 60_000;

it(
  'one seed gives one run, and none breaks a promise',
  async () => {
    const first = testSeed('the simulation', `${seeds} seeds`);
    const builtIns = testBuiltIns();
    const failures: string[] = [];
    let [steps, starts, comparisons, virtualSeconds] = [0, 0, 0, 0];
    for (let seed = first; seed < first + seeds; seed++) {
      const outcome = await runSeed(seed, builtIns);
      if (seed === first) expect((await runSeed(seed, builtIns)).traceHash, `seed ${seed} twice`).toBe(outcome.traceHash);
      steps += outcome.steps;
      starts += outcome.starts;
      comparisons += outcome.comparisons;
      virtualSeconds += outcome.virtualSeconds;
      if (outcome.failure === null) continue;
      failures.push(outcome.failure);
      process.stderr.write(
        `the simulation: seed ${seed} failed at step ${outcome.steps}\n${outcome.failure}\nrepeat it: FSQL_TEST_SEED=${seed} FSQL_SIM_SEEDS=1 npm run test:sim\n`,
      );
    }
    process.stderr.write(
      `the simulation: ${seeds} seeds, ${failures.length} failed; ${Math.round(virtualSeconds / 60)} virtual minutes, ${steps} steps, ${starts} starts, ${comparisons} comparisons\n`,
    );
    expect(failures.slice(0, 3)).toEqual([]);
  },
  (seeds + 1) * RUN_MS,
);
