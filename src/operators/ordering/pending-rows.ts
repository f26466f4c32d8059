import { Batch, concatBatches, FixedColumn } from '../../batch/index.ts';
import type { StateTable } from '../../spi/index.ts';

/** Memory of a value that waits, roughly. */
const VALUE_BYTES = 16;

/** The state table of ordered partitions whose owner holds changes of the epoch back until its barrier: they are rows of it that are not settled yet. */
export function withPendingRows(state: StateTable & Required<Pick<StateTable, 'all'>>, pending: readonly Batch[]): StateTable {
  return {
    ...state,
    all: () => (pending.length === 0 ? state.all() : concatBatches([state.all(), ...pending.map(counted)])),
    sizeBytes: () => pending.reduce((sum, batch) => sum + batch.rowCount * batch.columns.length * VALUE_BYTES, state.sizeBytes()),
  };
}

function counted({ rowCount, columns, weights }: Batch): Batch {
  const counts = new Float64Array(rowCount).fill(1);
  if (weights !== null) for (let row = 0; row < rowCount; row++) counts[row] = weights[row]!;
  return new Batch(rowCount, [...columns, new FixedColumn({ kind: 'float8' }, counts, null)]);
}
