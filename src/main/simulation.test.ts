import { expect, it } from 'vitest';
import { loadKafka } from '../connectors/kafka/index.ts';
import { testSeed } from '../tools/processes/index.ts';
import { runSeed } from '../tools/simulation/index.ts';
import { testBuiltIns } from './test-runners.ts';

/** Runs of one go: a sample in `npm test`, FSQL_SIM_SEEDS with `npm run test:sim`. */
const seeds = Number(process.env.FSQL_SIM_SEEDS ?? 25);
/** Virtual seconds of faults in each: five minutes with `npm run test:sim`, less in the sample. */
const faultSeconds = Number(process.env.FSQL_SIM_SECONDS ?? 12);
/** As long as a run may take on a busy machine. */
const RUN_MS = 120_000;

it(
  'one seed gives one run, and none breaks a promise',
  async () => {
    const first = testSeed('the simulation', `${seeds} seeds of ${faultSeconds} virtual seconds and what it takes to catch up`);
    const parts = { builtIns: testBuiltIns(), kafkaModule: await loadKafka() };
    const failures: string[] = [];
    let [steps, starts, comparisons, virtualSeconds] = [0, 0, 0, 0];
    for (let seed = first; seed < first + seeds; seed++) {
      const outcome = await runSeed(seed, parts, { faultSeconds });
      if (seed === first) expect((await runSeed(seed, parts, { faultSeconds })).traceHash, `seed ${seed} twice`).toBe(outcome.traceHash);
      steps += outcome.steps;
      starts += outcome.starts;
      comparisons += outcome.comparisons;
      virtualSeconds += outcome.virtualSeconds;
      if (outcome.failure === null) continue;
      failures.push(outcome.failure);
      process.stderr.write(
        `the simulation: seed ${seed} failed at step ${outcome.steps}\n${outcome.failure}\nrepeat it: npm run test:sim -- --seeds 1 --from ${seed} --seconds ${faultSeconds}\n`,
      );
    }
    process.stderr.write(
      `the simulation: ${seeds} seeds, ${failures.length} failed; ${Math.round(virtualSeconds / 60)} virtual minutes, ${steps} steps, ${starts} starts, ${comparisons} comparisons\n`,
    );
    expect(failures.slice(0, 3)).toEqual([]);
  },
  (seeds + 1) * RUN_MS,
);
