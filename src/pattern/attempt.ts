import { SqlError, SqlState } from '../base/index.ts';
import type { PatternProgram } from './compile-pattern.ts';
import { type MatchEvaluator, RunningCalls } from './match-evaluator.ts';
import type { PartitionRows } from './partition-rows.ts';
import { RowMapping } from './row-mapping.ts';

/** Where to go on when the way taken leads nowhere. */
interface Alternative {
  readonly step: number;
  readonly length: number;
  readonly registers: readonly number[];
}

/** Steps of one attempt; a pattern that tries more combinations is given up with an error. */
const ATTEMPT_STEPS_MAX = 5_000_000;

/** `waiting`: more rows decide. `paused`: the budget is used up, ask again. */
export type AttemptState = 'matched' | 'failed' | 'waiting' | 'paused';

/** What an attempt may look at. */
export interface AttemptContext {
  readonly program: PatternProgram;
  readonly evaluator: MatchEvaluator;
  readonly rows: PartitionRows;
  /** True when a row at this position is too far from the start for WITHIN. */
  beyondLimit(position: number): boolean;
  /** True when no row that is still to come can be near enough to the start. */
  readonly limitPassed: boolean;
}

/**
 * The search for the preferred match that begins at one row: depth first, in order of preference, with the way back on a stack of its own. When it
 * needs a row that is not there yet it stops, and goes on from the same place later; so its result does not depend on when rows become known.
 */
export class Attempt {
  readonly mapping: RowMapping;
  readonly aggregates = new RunningCalls();
  readonly #number: number;
  readonly #alternatives: Alternative[] = [];
  #registers: readonly number[] = [];
  #step = 0;
  #steps = 0;

  constructor(start: number, number: number, evaluator: MatchEvaluator) {
    this.mapping = new RowMapping(start, evaluator.memberships, evaluator.symbolCount);
    this.#number = number;
  }

  /** Goes on for at most `budget` steps. Errors: those of conditions, 54001 past the limit. */
  run(context: AttemptContext, budget: number): AttemptState {
    const { instructions } = context.program;
    for (let left = budget; left > 0; left--) {
      const instruction = instructions[this.#step];
      if (instruction === undefined) return 'matched';
      this.#count();
      switch (instruction.kind) {
        case 'split':
          this.#alternatives.push({ step: instruction.second, length: this.mapping.length, registers: this.#registers });
          this.#step = instruction.first;
          continue;
        case 'jump':
          this.#step = instruction.to;
          continue;
        case 'mark':
          this.#registers = replaced(this.#registers, instruction.register, this.mapping.length);
          this.#step++;
          continue;
        case 'progress':
          this.#step = this.#registers[instruction.register] === this.mapping.length ? instruction.exit : this.#step + 1;
          continue;
      }
      const outcome = instruction.kind === 'anchor' ? this.#anchor(instruction.at, context) : this.#row(instruction, context);
      if (outcome === 'waiting') {
        this.#steps--;
        return 'waiting';
      }
      if (outcome === 'taken') this.#step++;
      else if (!this.#goBack()) return 'failed';
    }
    return 'paused';
  }

  #row(instruction: { readonly variable: number; readonly excluded: boolean }, context: AttemptContext): 'taken' | 'refused' | 'waiting' {
    const { rows, evaluator } = context;
    const position = this.mapping.end;
    if (position >= rows.end) return rows.complete || context.limitPassed ? 'refused' : 'waiting';
    if (context.beyondLimit(position)) return 'refused';
    if (!rows.complete && position + evaluator.conditionLookahead[instruction.variable]! >= rows.end) return 'waiting';
    this.mapping.push(instruction.variable, instruction.excluded);
    const view = { rows, mapping: this.mapping, end: this.mapping.end, number: this.#number, aggregates: this.aggregates };
    if (evaluator.holds(instruction.variable, view)) return 'taken';
    this.mapping.truncate(this.mapping.length - 1);
    return 'refused';
  }

  #anchor(at: 'start' | 'end', { rows }: AttemptContext): 'taken' | 'refused' | 'waiting' {
    const position = this.mapping.end;
    if (at === 'start') return position === 0 ? 'taken' : 'refused';
    if (position < rows.end) return 'refused';
    return rows.complete ? 'taken' : 'waiting';
  }

  #goBack(): boolean {
    const alternative = this.#alternatives.pop();
    if (alternative === undefined) return false;
    this.mapping.truncate(alternative.length);
    this.#registers = alternative.registers;
    this.#step = alternative.step;
    return true;
  }

  #count(): void {
    this.#steps++;
    if (this.#steps <= ATTEMPT_STEPS_MAX) return;
    throw new SqlError({
      code: SqlState.statementTooComplex,
      message: `the search for a match takes more than ${ATTEMPT_STEPS_MAX} steps`,
      hint: 'Make the conditions of neighbouring variables exclude each other, bound the quantifiers, or add WITHIN.',
    });
  }
}

function replaced(registers: readonly number[], register: number, value: number): number[] {
  const copy = registers.slice();
  copy[register] = value;
  return copy;
}
