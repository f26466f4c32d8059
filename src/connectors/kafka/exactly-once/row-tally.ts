import { type Batch, hashRows, keyColumns } from '../../../batch/index.ts';

/** Counts rows and adds up their hashes: equal for equal rows in any order and in any batches, so a replay can be compared with what was written. */
export class RowTally {
  #rows = 0n;
  #digest = 0n;
  #hashes = new Uint32Array(0);

  get rows(): bigint {
    return this.#rows;
  }

  /** Modulo 2^64. */
  get digest(): bigint {
    return BigInt.asUintN(64, this.#digest);
  }

  add(batch: Batch): void {
    const { rowCount, weights } = batch;
    if (this.#hashes.length < rowCount) this.#hashes = new Uint32Array(rowCount);
    const columns = keyColumns(
      batch,
      batch.columns.map((_, index) => index),
    );
    hashRows(columns, rowCount, this.#hashes);
    const { rows, sum } = weights === null ? { rows: rowCount, sum: plainSum(this.#hashes, rowCount) } : weightedSum(this.#hashes, weights, rowCount);
    this.#rows += BigInt(rows);
    this.#digest += BigInt(sum);
  }
}

/** Kernel. Below 2^53 for two million rows, and a batch has fewer. */
function plainSum(hashes: Uint32Array, rowCount: number): number {
  let sum = 0;
  for (let row = 0; row < rowCount; row++) sum += hashes[row]!;
  return sum;
}

function weightedSum(hashes: Uint32Array, weights: Int32Array, rowCount: number): { readonly rows: number; readonly sum: bigint } {
  let rows = 0;
  let sum = 0n;
  for (let row = 0; row < rowCount; row++) {
    rows += Math.abs(weights[row]!);
    sum += BigInt(hashes[row]!) * BigInt(weights[row]!);
  }
  return { rows, sum };
}
