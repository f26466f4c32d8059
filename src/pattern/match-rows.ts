import { SqlError } from '../base/index.ts';
import type { CompiledRecognition, RecognitionInput } from './compiled-recognition.ts';
import type { PatternMatch } from './partition-recognizer.ts';
import type { PartitionRows, Row } from './partition-rows.ts';

/** Input columns in front of the measures and behind them. */
export interface ShownColumns {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** ONE ROW shows the partition; ALL ROWS the partition, the order, the measures and what else the input has (SQL:2016, 7.6). */
export function shownColumns({ recognition, width, partitionBy, orderBy }: RecognitionInput): ShownColumns {
  if (recognition.shown === 'one') return { before: partitionBy, after: [] };
  const before = [...new Set([...partitionBy, ...orderBy.map((key) => key.column)])];
  const after = Array.from({ length: width }, (_, column) => column).filter((column) => !before.includes(column));
  return { before, after };
}

type MatchResult = { readonly kind: 'rows'; readonly rows: readonly Row[] } | { readonly kind: 'error'; readonly error: SqlError };

/** Output rows of matches. */
export class MatchRows {
  readonly #compiled: CompiledRecognition;
  readonly #columns: ShownColumns;

  constructor(compiled: CompiledRecognition) {
    this.#compiled = compiled;
    this.#columns = shownColumns(compiled);
  }

  /** The rows, or the error of a measure. */
  ofMatch(match: PatternMatch, rows: PartitionRows): MatchResult {
    try {
      return { kind: 'rows', rows: this.#rowsOf(match, rows) };
    } catch (error) {
      if (!(error instanceof SqlError && error.class === 'user')) throw error;
      return { kind: 'error', error };
    }
  }

  #rowsOf(match: PatternMatch, rows: PartitionRows): Row[] {
    const { shown } = this.#compiled.recognition;
    const empty = match.start === match.end;
    if (shown === 'one' || empty) return shown === 'all-omit-empty' ? [] : [this.#row(match.start, match.end, { match, rows })];
    const result: Row[] = [];
    for (let position = match.start; position < match.end; position++) {
      if (!match.mapping.excludedAt(position)) result.push(this.#row(position, position + 1, { match, rows }));
    }
    return result;
  }

  /** WITH UNMATCHED ROWS: the measures are those of no match, which are NULL whatever they are. */
  ofUnmatched(position: number, rows: PartitionRows): Row {
    return this.#around(
      rows.at(position)!,
      this.#compiled.recognition.measures.map(() => null),
    );
  }

  #row(position: number, end: number, { match, rows }: { readonly match: PatternMatch; readonly rows: PartitionRows }): Row {
    const { evaluator, recognition } = this.#compiled;
    const { mapping, number, aggregates } = match;
    const view = { rows, mapping, end, number, aggregates };
    return this.#around(
      rows.at(position)!,
      recognition.measures.map((_, index) => evaluator.measure(index, view)),
    );
  }

  #around(row: Row, measures: Row): Row {
    const { before, after } = this.#columns;
    return [...before.map((column) => row[column] ?? null), ...measures, ...after.map((column) => row[column] ?? null)];
  }
}
