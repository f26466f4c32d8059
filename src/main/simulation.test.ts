import { expect, it } from 'vitest';
import { testSeed } from '../tools/processes/index.ts';
import { simulateSeed, simulateSeeds } from './simulate-seeds.ts';

/** Runs of one go: a sample in `npm test`; `npm run test:sim` has more. */
const count = Number(process.env.FSQL_SIM_SEEDS ?? 25);
/** Virtual seconds of faults in each: five minutes with `npm run test:sim`, less in the sample. */
const faultSeconds = Number(process.env.FSQL_SIM_SECONDS ?? 12);
/** As long as a run may take on a busy machine. */
const RUN_MS = 120_000;

it(
  'one seed gives one run, and none breaks a promise',
  async () => {
    const first = testSeed('the simulation', `${count} seeds of ${faultSeconds} virtual seconds and what it takes to catch up`);
    const seeds = Array.from({ length: count }, (_, index) => first + index);
    const { totals, failures, traceHashes } = await simulateSeeds(seeds, { faultSeconds });
    process.stderr.write(`the simulation: ${JSON.stringify(totals.sums)} ${JSON.stringify(totals.faults)}\n`);
    expect(failures.slice(0, 3)).toEqual([]);
    expect((await simulateSeed(first, { faultSeconds })).traceHash, `seed ${first} twice`).toBe(traceHashes[0]);
  },
  (count + 1) * RUN_MS,
);
