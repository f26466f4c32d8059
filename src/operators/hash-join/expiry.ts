import type { FixedColumn } from '../../batch/index.ts';

/**
 * When a row of an input can match nothing any more, nor be taken back: once `column` (an event time) plus `slackMicros` is below watermark - lateness.
 * A row without time never matches.
 */
export interface Expiry {
  readonly column: number;
  /** Not negative. */
  readonly slackMicros: number;
}

/** An event time, in microseconds; -Infinity for NULL. */
export function eventTimeOf(column: FixedColumn, row: number): number {
  if (column.valid !== null && column.valid[row] === 0) return Number.NEGATIVE_INFINITY;
  return column.i32[2 * row + 1]! * 4294967296 + (column.i32[2 * row]! >>> 0);
}
