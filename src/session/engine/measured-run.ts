import type { Clock } from '../../base/index.ts';
import type { LogicalPlan, PlanTrace, Row } from '../../plan/index.ts';

/** What one node of a plan did: rows it gave, how often it ran, and the time until it had given them, that of the nodes below it included. */
export interface Measure {
  rows: number;
  runs: number;
  timeMs: number;
}

/** Counts and times the nodes of one run. */
export class MeasuredRun implements PlanTrace {
  readonly #clock: Clock;
  readonly #measures = new Map<LogicalPlan, Measure>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Null for a node that never ran, and for one that another does the work of. */
  measureOf(plan: LogicalPlan): Measure | null {
    return this.#measures.get(plan) ?? null;
  }

  *pieces(plan: LogicalPlan, made: Generator<readonly Row[], void, undefined>): Generator<readonly Row[], void, undefined> {
    const measure = this.#begin(plan);
    for (;;) {
      const before = this.#clock.monotonicMs();
      const step = made.next();
      measure.timeMs += this.#clock.monotonicMs() - before;
      if (step.done === true) return;
      measure.rows += step.value.length;
      yield step.value;
    }
  }

  async *stream(plan: LogicalPlan, made: AsyncIterable<readonly Row[]>): AsyncGenerator<readonly Row[]> {
    const measure = this.#begin(plan);
    let before = this.#clock.monotonicMs();
    for await (const rows of made) {
      measure.timeMs += this.#clock.monotonicMs() - before;
      measure.rows += rows.length;
      yield rows;
      before = this.#clock.monotonicMs();
    }
    measure.timeMs += this.#clock.monotonicMs() - before;
  }

  #begin(plan: LogicalPlan): Measure {
    const known = this.#measures.get(plan);
    const measure = known ?? { rows: 0, runs: 0, timeMs: 0 };
    measure.runs++;
    this.#measures.set(plan, measure);
    return measure;
  }
}
