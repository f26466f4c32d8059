import { type Batch, type Column, gatherBatch } from '../../batch/index.ts';
import type { StateTable } from '../../spi/index.ts';
import type { Matches } from './matches.ts';

/** The rows of one input of a join, kept until a row of the other input asks for them by key. */
export interface StoredSide {
  readonly state: StateTable;
  /** Adds rows none of whose keys is NULL; negative weights take away. */
  apply(batch: Batch): void;
  /** Finds the stored rows with the key of each row, and gives them in portions of `portion` pairs at most. */
  probe(batch: Batch, keys: readonly number[], portion: number, take: (matches: Matches) => void): void;
  /** Columns of the rows in some slots, in their order. */
  columnsOf(slots: Int32Array): Column[];
  /** Drops rows that are not there any more. False: a row is there a negative number of times. */
  endEpoch(): boolean;
}

/** The rows that can match anything: those without NULL in the key. */
export function matchableRows(batch: Batch, keys: readonly number[]): Batch {
  const columns = keys.map((key) => batch.columns[key]!.valid);
  if (columns.every((valid) => valid === null)) return batch;
  const selection = new Int32Array(batch.rowCount);
  let count = 0;
  for (let row = 0; row < batch.rowCount; row++) {
    if (columns.every((valid) => valid === null || valid[row] === 1)) selection[count++] = row;
  }
  return gatherBatch(batch, selection, count);
}
