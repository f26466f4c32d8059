import { loadKafka } from '../connectors/kafka/index.ts';
import { type ProcessIngredients, type RunOptions, runSeed, type SeedOutcome, SimulationTotals } from '../tools/simulation/index.ts';
import { testBuiltIns } from './test-runners.ts';

/** Runs seeds one after another; a failure is told as soon as it is there, with how to repeat it. */
export async function simulateSeeds(seeds: Iterable<number>, options: RunOptions) {
  const totals = new SimulationTotals();
  const [failures, traceHashes]: [string[], string[]] = [[], []];
  const ingredients = await simulationIngredients();
  for (const seed of seeds) {
    const outcome = await runSeed(seed, ingredients, options);
    const { failure, steps, traceHash } = outcome;
    totals.add(outcome);
    traceHashes.push(traceHash);
    if (failure === null) continue;
    failures.push(failure);
    process.stderr.write(
      `the simulation: seed ${seed} failed at step ${steps}\n${failure}\nrepeat it: npm run test:sim -- --seeds 1 --from ${seed} --seconds ${options.faultSeconds}\n`,
    );
  }
  return { totals, failures, traceHashes };
}

/** One run with everything that is built in. */
export async function simulateSeed(seed: number, options: RunOptions): Promise<SeedOutcome> {
  return runSeed(seed, await simulationIngredients(), options);
}

/** Runs that share them share generated loops, and the optimiser's work on them. */
async function simulationIngredients(): Promise<ProcessIngredients> {
  return { builtIns: testBuiltIns(), kafkaModule: await loadKafka() };
}
