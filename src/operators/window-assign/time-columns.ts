import { FixedColumn } from '../../batch/index.ts';
import type { SqlType } from '../../types/index.ts';

/** What window_time lies before window_end: the last instant inside, as Flink has it. */
export const MILLISECOND_MICROS = 1000;

/** A column of times, each `before` microseconds earlier than its value. */
export function timesColumn(type: SqlType, values: Float64Array, count: number, before: number): FixedColumn {
  const column = new FixedColumn(type, new Float64Array(count), null);
  const words = column.i32;
  for (let row = 0; row < count; row++) {
    const value = values[row]! - before;
    const high = Math.floor(value / 4294967296);
    words[2 * row] = value - high * 4294967296;
    words[2 * row + 1] = high;
  }
  return column;
}

/** window_start, window_end and window_time of rows' windows. */
export function windowColumns(type: SqlType, starts: Float64Array, ends: Float64Array, count: number): FixedColumn[] {
  return [timesColumn(type, starts, count, 0), timesColumn(type, ends, count, 0), timesColumn(type, ends, count, MILLISECOND_MICROS)];
}
