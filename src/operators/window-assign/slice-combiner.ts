import { Batch, FixedColumn, gatherColumn } from '../../batch/index.ts';
import { EqualRowFinder } from '../shared/index.ts';
import { alignDown, EVENT_TIME_MAX } from './assign-windows.ts';
import type { WindowSpec } from './spec.ts';

/**
 * Makes rows of a hopping window fewer before each is repeated for every window it lies in: times are moved to the start of their slide, which lies in
 * the same windows, and rows that are equal then become one with their number as weight. Knows one batch at a time, so it keeps no state.
 */
export class SliceCombiner {
  readonly #timeColumn: number;
  readonly #slide: number;
  readonly #offset: number;
  readonly #finder = new EqualRowFinder();

  constructor(window: Extract<WindowSpec, { kind: 'hop' }>, timeColumn: number) {
    this.#timeColumn = timeColumn;
    this.#slide = Number(window.slideMicros);
    this.#offset = Number(window.offsetMicros);
  }

  combine(batch: Batch): Batch {
    const times = batch.columns[this.#timeColumn] as FixedColumn;
    if (batch.weights !== null || times.valid !== null) return batch;
    let columns = batch.columns;
    const found = this.#finder.find(batch, () => {
      const starts = this.#sliceStarts(times, batch.rowCount);
      columns = batch.columns.map((column, index) => (index === this.#timeColumn ? starts : column));
      return columns;
    });
    if (found === null) return batch;
    const { count, first, weights } = found;
    return new Batch(
      count,
      columns.map((column) => gatherColumn(column, first, count)),
      weights,
    );
  }

  #sliceStarts(times: FixedColumn, rowCount: number): FixedColumn {
    const starts = new FixedColumn(times.type, new Float64Array(rowCount), null);
    const from = times.i32;
    const to = starts.i32;
    let start = 0;
    let end = 0;
    let low = 0;
    let high = 0;
    for (let row = 0; row < rowCount; row++) {
      const time = from[2 * row + 1]! * 4294967296 + (from[2 * row]! >>> 0);
      // Neighbouring rows mostly lie in the same slide. Infinite times lie in none and stay.
      if (time < start || time >= end) {
        const finite = time < EVENT_TIME_MAX && time > -EVENT_TIME_MAX;
        start = finite ? alignDown(time, this.#slide, this.#offset) : time;
        end = finite ? start + this.#slide : time;
        high = finite ? Math.floor(start / 4294967296) : from[2 * row + 1]!;
        low = finite ? start - high * 4294967296 : from[2 * row]!;
      }
      to[2 * row] = low;
      to[2 * row + 1] = high;
    }
    return starts;
  }
}
