import { Batch, type Column, type FixedColumn, gatherColumn, gatherInt32 } from '../../batch/index.ts';
import type { Operator, OperatorFactory, Output } from '../../spi/index.ts';
import { type AssignedWindows, assignWindows, createAssignedWindows } from './assign-windows.ts';
import { SliceCombiner } from './slice-combiner.ts';
import { type WindowAssignSpec, windowAssignSpecCodec } from './spec.ts';
import { windowColumns } from './time-columns.ts';

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
    columns.push(...windowColumns(times.type, windows.starts, windows.ends, count));
    out.emit(new Batch(count, columns, weights));
  }
}

export const windowAssignFactory: OperatorFactory = {
  kind: windowAssignSpecCodec.kind,
  version: windowAssignSpecCodec.version,
  create: (parameters) => new WindowAssign(windowAssignSpecCodec.decode(parameters)),
};
