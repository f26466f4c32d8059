import { type Batch, type Column, gatherBatch } from '../../batch/index.ts';
import type { StateTable } from '../../spi/index.ts';
import type { KeyTotals } from './key-totals.ts';
import type { Matches } from './matches.ts';

export interface ProbedBy {
  readonly keys: readonly number[];
  /** Where rows expire by the time of epochs: the earliest time of a stored row that a row finds, whatever else is still kept. Absent: any. */
  readonly since?: ((row: number) => number) | undefined;
}

/** The rows of one input of a join, kept until a row of the other input asks for them by key. */
export interface StoredSide {
  readonly state: StateTable;
  /** Kept where the other input's rows are shown by whether there are matches. */
  readonly totals: KeyTotals | null;
  /** Adds rows none of whose keys is NULL; negative weights take away. */
  apply(batch: Batch): void;
  /** Finds the stored rows with the key of each row, and gives them in portions of `portion` pairs at most. */
  probe(batch: Batch, by: ProbedBy, portion: number, take: (matches: Matches) => void): void;
  /** All rows, with how often each is there; where rows expire it is not asked. */
  present(): Batch;
  /** Columns of the rows in some slots, in their order. */
  columnsOf(slots: Int32Array): Column[];
  /** Drops rows that are not there any more. False: a row is there a negative number of times. */
  endEpoch(): boolean;
  /** Forgets, between epochs, the rows that have expired by watermark - lateness. */
  expire(boundMicros: number): void;
}

/** The rows that can match anything, those without NULL in the key, and the others. */
export function splitByNullKeys(batch: Batch, keys: readonly number[]): { readonly rows: Batch; readonly unmatchable: Batch | null } {
  const columns = keys.map((key) => batch.columns[key]!.valid);
  if (columns.every((valid) => valid === null)) return { rows: batch, unmatchable: null };
  const selection = new Int32Array(batch.rowCount);
  let count = 0;
  let last = batch.rowCount;
  for (let row = 0; row < batch.rowCount; row++) {
    if (columns.every((valid) => valid === null || valid[row] === 1)) selection[count++] = row;
    else selection[--last] = row;
  }
  if (count === batch.rowCount) return { rows: batch, unmatchable: null };
  return { rows: gatherBatch(batch, selection, count), unmatchable: gatherBatch(batch, selection.subarray(count), batch.rowCount - count) };
}
