import { type Batch, type Column, GroupIndex } from '../../batch/index.ts';

/** Batches that are not looked at after one in which few rows were alike. */
const PAUSE_BATCHES = 16;

/** Rows of a batch by group of alike ones. */
export interface EqualRows {
  readonly count: number;
  /** Group of each row; valid until the next call. */
  readonly groups: Int32Array;
  /** A row of each group. */
  readonly first: Int32Array;
  /** Number of each group's rows, multiplicities counted. */
  readonly weights: Int32Array;
}

/** Finds rows of a batch that are alike, while there are so many of them that looking pays. Knows one batch at a time. */
export class EqualRowFinder {
  /** Made for the first batch, whose columns are those of all. */
  #index: GroupIndex | null = null;
  #pause = 0;
  #groups = new Int32Array(0);

  /** By the columns given, which are asked for when they are needed only; null: leave the batch as it is. */
  find({ rowCount, weights: multiplicities }: Batch, columnsOf: () => readonly Column[]): EqualRows | null {
    if (rowCount < 2) return null;
    if (this.#pause > 0) {
      this.#pause--;
      return null;
    }
    const columns = columnsOf();
    this.#index ??= new GroupIndex(columns.map((column) => column.type));
    if (this.#groups.length < rowCount) this.#groups = new Int32Array(rowCount);
    const groups = this.#groups;
    this.#index.clear();
    this.#index.assign(columns, rowCount, groups);
    const count = this.#index.groupEnd;
    if (count * 2 > rowCount) {
      this.#pause = PAUSE_BATCHES;
      return null;
    }
    const first = new Int32Array(count);
    const weights = new Int32Array(count);
    for (let row = 0; row < rowCount; row++) {
      const group = groups[row]!;
      if (weights[group] === 0) first[group] = row;
      weights[group]! += multiplicities === null ? 1 : multiplicities[row]!;
    }
    return { count, groups, first, weights };
  }
}
