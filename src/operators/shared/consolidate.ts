import { Batch, GroupIndex, gatherBatch } from '../../batch/index.ts';
import { rowsEqual } from './rows-equal.ts';

/** Up to this many rows are compared pairwise: a hash table costs more than that to set up. */
const PAIRWISE_ROWS_MAX = 24;

/** The net of a batch: equal rows (byte for byte) become one with the sum of their weights, those that cancel out are gone. */
export function consolidate(batch: Batch): Batch {
  const { rowCount, weights } = batch;
  if (rowCount === 0) return batch;
  const firstOf = new Int32Array(rowCount);
  if (rowCount <= PAIRWISE_ROWS_MAX) findPairwise(batch, firstOf);
  else findHashed(batch, firstOf);
  const sums = new Int32Array(rowCount);
  for (let row = 0; row < rowCount; row++) sums[firstOf[row]!]! += weights === null ? 1 : weights[row]!;
  const selection = new Int32Array(rowCount);
  let count = 0;
  for (let row = 0; row < rowCount; row++) {
    if (sums[row] !== 0) selection[count++] = row;
  }
  const net = gatherBatch(new Batch(rowCount, batch.columns, sums), selection, count);
  return net.weights!.every((weight) => weight === 1) ? new Batch(count, net.columns) : net;
}

/** For each row the first row equal to it. */
function findPairwise(batch: Batch, firstOf: Int32Array): void {
  for (let row = 0; row < batch.rowCount; row++) {
    firstOf[row] = row;
    for (let earlier = 0; earlier < row; earlier++) {
      if (firstOf[earlier] === earlier && rowsEqual(batch.columns, row, batch.columns, earlier)) {
        firstOf[row] = earlier;
        break;
      }
    }
  }
}

function findHashed(batch: Batch, firstOf: Int32Array): void {
  const index = new GroupIndex(batch.columns.map((column) => column.type));
  const groups = new Int32Array(batch.rowCount);
  index.assign(batch.columns, batch.rowCount, groups);
  const first = new Int32Array(index.groupEnd).fill(-1);
  for (let row = 0; row < batch.rowCount; row++) {
    const group = groups[row]!;
    if (first[group] === -1) first[group] = row;
    firstOf[row] = first[group]!;
  }
}
