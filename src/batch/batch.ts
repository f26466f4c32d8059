import type { Column } from './column.ts';

/** Rows a batch aims at; operators may produce smaller ones, never more than twice as many. */
export const BATCH_ROWS_TARGET = 4096;

/**
 * Columnar rows, immutable once emitted, always dense: the fused calc loops keep their selection to themselves and
 * gather, so no other operator has to know selections. `weights` (net multiplicity change of a row in its epoch) absent
 * means all +1, the append-only fast path; a weight is never 0.
 */
export class Batch {
  readonly rowCount: number;
  readonly columns: readonly Column[];
  readonly weights: Int32Array | null;

  constructor(rowCount: number, columns: readonly Column[], weights: Int32Array | null = null) {
    this.rowCount = rowCount;
    this.columns = columns;
    this.weights = weights;
  }
}
