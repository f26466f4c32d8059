import { type Batch, type Column, FixedColumn } from '../../batch/index.ts';
import type { GroupedAggregation } from '../grouping/index.ts';
import { type AssignedWindows, assignWindows, createAssignedWindows } from '../window-assign/assign-windows.ts';
import type { WindowAggregateSpec, WindowSlices } from './spec.ts';
import type { RowWindows } from './window-groups.ts';

/** The slices of an epoch: their keys by row, and the windows that the slice of each row is part of. */
export interface SliceParts {
  readonly keys: readonly Column[];
  readonly windows: RowWindows;
}

/**
 * The rows of one epoch, aggregated by slices: a slice lies in the same windows as a whole, so a row costs one update however many windows
 * it lies in. Empty between epochs, hence no state.
 */
export class EpochSlices {
  readonly aggregation: GroupedAggregation;
  readonly #spec: WindowAggregateSpec;
  readonly #slices: WindowSlices;
  readonly #windows: AssignedWindows = createAssignedWindows();

  constructor(spec: WindowAggregateSpec, aggregation: GroupedAggregation) {
    this.#spec = spec;
    this.#slices = spec.slices!;
    this.aggregation = aggregation;
  }

  add(batch: Batch): void {
    this.aggregation.apply(batch, this.aggregation.assign(batch));
  }

  /** Null when there are no rows; valid until the next call. */
  parts(): SliceParts | null {
    const count = this.aggregation.index.groupEnd;
    if (count === 0) return null;
    const groups = Int32Array.from({ length: count }, (_, group) => group);
    const keys = this.aggregation.index.keyColumnsOf(groups, count);
    const ends = keys[this.#spec.windowEndKey] as FixedColumn;
    assignWindows(lastInstants(ends, count), count, this.#slices.window, this.#windows);
    return { keys, windows: this.#windows };
  }

  clear(): void {
    this.aggregation.clear();
  }
}

/** A time inside each slice: a microsecond before its end. */
function lastInstants(ends: FixedColumn, count: number): FixedColumn {
  const times = new FixedColumn(ends.type, new Float64Array(count), null);
  for (let row = 0; row < count; row++) {
    const low = ends.i32[2 * row]! >>> 0;
    times.i32[2 * row] = low - 1;
    times.i32[2 * row + 1] = ends.i32[2 * row + 1]! - (low === 0 ? 1 : 0);
  }
  return times;
}
