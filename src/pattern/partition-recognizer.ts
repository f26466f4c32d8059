import { SqlError, SqlState } from '../base/index.ts';
import { Attempt, type AttemptContext, type AttemptState } from './attempt.ts';
import type { CompiledRecognition } from './compiled-recognition.ts';
import type { RunningCalls } from './match-evaluator.ts';
import { PartitionRows } from './partition-rows.ts';
import type { RowMapping } from './row-mapping.ts';

/** Rows `start` up to `end` of a partition; none for an empty match, which begins at `start` all the same. */
export interface PatternMatch {
  readonly start: number;
  readonly end: number;
  /** 1 for the first match of the partition. */
  readonly number: number;
  readonly mapping: RowMapping;
  readonly aggregates: RunningCalls;
}

/** What the search comes upon, in order of the rows. */
export type Finding =
  | { readonly kind: 'match'; readonly match: PatternMatch }
  /** A row no match holds. */
  | { readonly kind: 'unmatched'; readonly position: number }
  /** The search that began at this row has failed; it goes on with the next one. */
  | { readonly kind: 'error'; readonly position: number; readonly error: SqlError }
  /** Rows that are still to come decide; `paused`: the budget is used up. */
  | { readonly kind: 'waiting' | 'paused' };

/** How far the search has come in a partition. */
export interface RecognitionProgress {
  /** Position of the first row that is kept. */
  readonly first: number;
  /** Position the next attempt begins at. */
  readonly start: number;
  readonly matches: number;
  /** No match so far goes beyond this position. */
  readonly matchedEnd: number;
}

/** No limit on the steps between two findings. */
const WITHOUT_PAUSE = Number.POSITIVE_INFINITY;

/**
 * Finds the matches of one partition from its first row to its last, one after another. Rows may be added while it runs; what it finds is the same
 * however they come, as a match is found when no later row can change it.
 */
export class PartitionRecognizer {
  readonly rows: PartitionRows;
  readonly #compiled: CompiledRecognition;
  #start: number;
  #matches: number;
  #matchedEnd: number;
  #attempt: Attempt | null = null;

  constructor(compiled: CompiledRecognition, progress: RecognitionProgress = { first: 0, start: 0, matches: 0, matchedEnd: 0 }) {
    this.#compiled = compiled;
    this.rows = new PartitionRows(progress.first);
    this.#start = progress.start;
    this.#matches = progress.matches;
    this.#matchedEnd = progress.matchedEnd;
  }

  get progress(): RecognitionProgress {
    return { first: this.rows.first, start: this.#start, matches: this.#matches, matchedEnd: this.#matchedEnd };
  }

  /** First position a later search looks at. */
  get neededFrom(): number {
    return this.#start - this.#compiled.evaluator.lookback;
  }

  /** The time from which rows are too late for the attempt under way, or null without WITHIN or without such an attempt. */
  get limitMicros(): bigint | null {
    const { withinMicros } = this.#compiled.recognition;
    const time = this.#timeAt(this.#start);
    return withinMicros === null || time === null ? null : time + withinMicros;
  }

  /** The next finding. Rows that are still to come are not before `reachedMicros` in the first ordering column; null: nothing known. */
  next(reachedMicros: bigint | null, budget = WITHOUT_PAUSE): Finding {
    while (this.#start < this.rows.end) {
      const start = this.#start;
      this.#attempt ??= new Attempt(start, this.#matches + 1, this.#compiled.evaluator);
      let state: AttemptState;
      try {
        state = this.#attempt.run(this.#contextOf(start, reachedMicros), budget);
        if (state === 'matched' && this.#measuresWait(this.#attempt)) state = 'waiting';
        if (state === 'waiting' || state === 'paused') return { kind: state };
        if (state === 'matched') return this.#matched(this.#attempt);
      } catch (error) {
        if (!(error instanceof SqlError && error.class === 'user')) throw error;
        this.#beginAt(start + 1);
        return { kind: 'error', position: start, error };
      }
      this.#beginAt(start + 1);
      const shown = this.#compiled.recognition.shown === 'all-with-unmatched' && start >= this.#matchedEnd;
      if (shown) return { kind: 'unmatched', position: start };
    }
    return { kind: 'waiting' };
  }

  #matched(attempt: Attempt): Finding {
    const { mapping, aggregates } = attempt;
    const next = this.#skipTo(mapping);
    this.#matches++;
    this.#matchedEnd = Math.max(this.#matchedEnd, mapping.end);
    this.#beginAt(next);
    return { kind: 'match', match: { start: mapping.start, end: mapping.end, number: this.#matches, mapping, aggregates } };
  }

  #beginAt(position: number): void {
    this.#start = position;
    this.#attempt = null;
  }

  /** Measures with NEXT look at rows behind the match. */
  #measuresWait(attempt: Attempt): boolean {
    const { measureLookahead } = this.#compiled.evaluator;
    const { mapping } = attempt;
    return measureLookahead > 0 && mapping.length > 0 && !this.rows.complete && mapping.end - 1 + measureLookahead >= this.rows.end;
  }

  #contextOf(start: number, reachedMicros: bigint | null): AttemptContext {
    const { program, evaluator, recognition } = this.#compiled;
    const { rows } = this;
    const within = recognition.withinMicros;
    if (within === null) return { program, evaluator, rows, beyondLimit: () => false, limitPassed: false };
    const first = this.#timeAt(start);
    return {
      program,
      evaluator,
      rows,
      beyondLimit: (position) => position > start && !isNear(first, this.#timeAt(position), within),
      limitPassed: first === null || (reachedMicros !== null && reachedMicros >= first + within),
    };
  }

  #timeAt(position: number): bigint | null {
    const column = this.#compiled.orderBy[0]?.column;
    return column === undefined ? null : ((this.rows.at(position)?.[column] ?? null) as bigint | null);
  }

  /** Errors: 22023 for a target that is not there or where the match began. */
  #skipTo(mapping: RowMapping): number {
    const { skip } = this.#compiled.recognition;
    if (mapping.length === 0 || skip.kind === 'to-next-row') return mapping.start + 1;
    if (skip.kind === 'past-last-row') return mapping.end;
    const count = mapping.countBefore(skip.symbol, mapping.end);
    const target = mapping.positionOf(skip.symbol, skip.kind === 'to-first' ? 0 : count - 1);
    if (target === null) throw skipError('the match has no row of the variable AFTER MATCH SKIP goes to');
    if (target === mapping.start) throw skipError('AFTER MATCH SKIP would go back to the first row of the match, for ever');
    return target;
  }
}

/** Less than `within` apart; a row without a time is near to nothing. */
function isNear(first: bigint | null, time: bigint | null, within: bigint): boolean {
  if (first === null || time === null) return false;
  const distance = time - first;
  return distance < within && -distance < within;
}

function skipError(message: string): SqlError {
  return new SqlError({ code: SqlState.invalidParameterValue, message, hint: 'Use AFTER MATCH SKIP TO NEXT ROW or PAST LAST ROW.' });
}
