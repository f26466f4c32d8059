import { type Batch, type Column, concatBatches, GroupIndex, gatherBatch, keyColumns } from '../../batch/index.ts';
import { consolidate } from '../shared/index.ts';
import type { SpilledRows } from './spilled-rows.ts';

export interface FoundRows {
  readonly found: Batch;
  readonly groups: Int32Array;
}

/** Finds rows out of memory: each look-up reads the buckets of its keys once, whatever their number. */
export class RowLookup {
  readonly #rows: SpilledRows;

  constructor(rows: SpilledRows) {
    this.#rows = rows;
  }

  /** The rows there are with the keys of some rows, with the number of each one's key; `groups` gets those of the rows asked for. Null for none. */
  rowsOf(asked: Batch, key: readonly number[], groups: Int32Array): FoundRows | null {
    return this.#find(asked, groups, (rows) => keyColumns(rows, key));
  }

  /** How often each of some different rows is there, byte for byte. */
  countsOf(asked: Batch): Float64Array {
    const groups = new Int32Array(asked.rowCount);
    const counts = new Float64Array(asked.rowCount);
    const result = this.#find(asked, groups, ({ columns }) => columns);
    if (result === null) return counts;
    const byGroup = new Float64Array(asked.rowCount);
    result.groups.forEach((group, row) => {
      byGroup[group]! += result.found.weights === null ? 1 : result.found.weights[row]!;
    });
    return counts.map((_, row) => byGroup[groups[row]!]!);
  }

  #find(asked: Batch, groups: Int32Array, columnsOf: (rows: Batch) => readonly Column[]): FoundRows | null {
    const index = new GroupIndex(columnsOf(asked).map((column) => column.type));
    index.assign(columnsOf(asked), asked.rowCount, groups);
    const parts: Batch[] = [];
    for (const bucket of new Set(this.#rows.of(asked))) {
      for (const rows of this.#rows.parts(bucket, bucket + 1)) {
        const places = new Int32Array(rows.rowCount);
        index.lookup(columnsOf(rows), rows.rowCount, places);
        const selection = Int32Array.from(places.keys()).filter((row) => places[row]! >= 0);
        if (selection.length > 0) parts.push(gatherBatch(rows, selection, selection.length));
      }
    }
    if (parts.length === 0) return null;
    const found = consolidate(concatBatches(parts));
    const foundGroups = new Int32Array(found.rowCount);
    index.lookup(columnsOf(found), found.rowCount, foundGroups);
    return { found, groups: foundGroups };
  }
}
