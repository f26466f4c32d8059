import type { SeedOutcome } from './run-seed.ts';

/** What some runs have been, for the line at their end. */
export class SimulationTotals {
  readonly #sums = {
    seeds: 0,
    failed: 0,
    'with several processes': 0,
    'virtual seconds': 0,
    steps: 0,
    starts: 0,
    comparisons: 0,
    rescalings: 0,
    resumptions: 0,
  };
  readonly #faults = new Map<string, number>();

  add(outcome: SeedOutcome): void {
    const sums = this.#sums;
    sums.seeds++;
    if (outcome.failure !== null) sums.failed++;
    if (outcome.processes > 1) sums['with several processes']++;
    sums['virtual seconds'] += Math.round(outcome.virtualSeconds);
    sums.steps += outcome.steps;
    sums.starts += outcome.starts;
    sums.comparisons += outcome.comparisons;
    sums.rescalings += outcome.rescalings;
    sums.resumptions += outcome.resumptions;
    for (const [kind, count] of outcome.faults) this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + count);
  }

  /** Figures by name. */
  get sums(): Readonly<Record<string, number>> {
    return this.#sums;
  }

  /** How often what has been done to the processes. */
  get faults(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#faults].sort(([left], [right]) => (left < right ? -1 : 1)));
  }
}
