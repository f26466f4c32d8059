import { Batch, type Column, FixedColumn, gatherColumn, gatherInt32 } from '../../batch/index.ts';
import type { Operator, OperatorFactory, Output } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { type AssignedWindows, assignWindows, createAssignedWindows } from './assign-windows.ts';
import { SliceCombiner } from './slice-combiner.ts';
import { type WindowAssignSpec, windowAssignSpecCodec } from './spec.ts';

const MILLISECOND_MICROS = 1000;

/** Adds the windows' bounds to each row, once for every window the row lies in. */
class WindowAssign implements Operator {
  readonly #spec: WindowAssignSpec;
  readonly #windows: AssignedWindows = createAssignedWindows();

  readonly #combiner: SliceCombiner | null;

  constructor(spec: WindowAssignSpec) {
    this.#spec = spec;
    this.#combiner = spec.combine && spec.window.kind === 'hop' ? new SliceCombiner(spec.window, spec.timeColumn) : null;
  }

  processBatch(_input: number, incoming: Batch, out: Output): void {
    const batch = this.#combiner === null ? incoming : this.#combiner.combine(incoming);
    const times = batch.columns[this.#spec.timeColumn] as FixedColumn;
    const windows = this.#windows;
    assignWindows(times, batch.rowCount, this.#spec.window, windows);
    const { count, rows } = windows;
    if (count === 0) return;
    // A row a window, and none left out: the input's columns are the output's.
    const unchanged = count === batch.rowCount && rows[0] === 0 && rows[count - 1] === count - 1 && this.#spec.window.kind === 'tumble';
    const columns: Column[] = unchanged ? [...batch.columns] : batch.columns.map((column) => gatherColumn(column, rows, count));
    const weights = unchanged || batch.weights === null ? batch.weights : gatherInt32(batch.weights, rows, count);
    columns.push(timeColumn(times.type, windows.starts, count, 0));
    columns.push(timeColumn(times.type, windows.ends, count, 0));
    columns.push(timeColumn(times.type, windows.ends, count, MILLISECOND_MICROS));
    out.emit(new Batch(count, columns, weights));
  }
}

function timeColumn(type: SqlType, values: Float64Array, count: number, before: number): FixedColumn {
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

export const windowAssignFactory: OperatorFactory = {
  kind: windowAssignSpecCodec.kind,
  version: windowAssignSpecCodec.version,
  create: (parameters) => new WindowAssign(windowAssignSpecCodec.decode(parameters)),
};
