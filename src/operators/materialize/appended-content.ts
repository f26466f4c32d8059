import { Batch, BatchBuilder, compactBatch, concatBatches, FixedColumn } from '../../batch/index.ts';
import type { StateTable } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import type { StoredRows } from '../shared/index.ts';
import type { RelationContent } from './materialized-relation.ts';
import type { MaterializeSpec } from './spec.ts';
import { fromStateColumns, type StateLayout, stateLayout, toStateColumns } from './state-layout.ts';

/** Chunks merge up to this many rows. */
const CHUNK_ROWS_MAX = 65_536;
/** Rows a subtask can number before its numbers meet the next one's. */
const ROWS_PER_SUBTASK = 2 ** 40;

/**
 * Rows that are only ever added: kept as they come, found by nothing. In state each has a number of its own after its columns, so that equal rows
 * stay apart; a subtask goes on after the highest of its own numbers.
 */
export class AppendedContent implements RelationContent {
  readonly state: StateTable;
  readonly #layout: StateLayout;
  readonly #firstNumber: number;
  #nextNumber: number;
  #chunks: Batch[] = [];
  #dirty: Batch[] = [];
  #rows = 0;
  #bytes = 0;

  constructor(types: readonly SqlType[], spec: MaterializeSpec, subtaskIndex: number) {
    this.#firstNumber = subtaskIndex * ROWS_PER_SUBTASK;
    this.#nextNumber = this.#firstNumber;
    const key = types.map((_, index) => index);
    this.#layout = stateLayout(types, { key, partitionKeys: spec.partitionKeys, counted: true });
    const { columns } = this.#layout.declaration;
    this.state = {
      declaration: { ...this.#layout.declaration, keyCount: columns.length },
      collectDirty: () => this.#collectDirty(columns),
      load: (rows) => this.#load(rows),
      sizeBytes: () => this.#bytes,
      keyCount: () => this.#rows,
    };
  }

  apply(delta: Batch): boolean {
    if (delta.rowCount === 0) return true;
    const rows = compactBatch(delta);
    this.#dirty.push(rows);
    this.#addChunk(rows);
    return true;
  }

  snapshot(): StoredRows[] {
    return this.#chunks.map((batch) => ({ batch, counts: null }));
  }

  #addChunk(rows: Batch): void {
    this.#rows += rows.rowCount;
    for (const column of rows.columns) this.#bytes += rows.rowCount * 8 + (column.storage === 'bytes' ? column.data.length : 0);
    let added = rows;
    for (let last = this.#chunks.at(-1); last !== undefined; last = this.#chunks.at(-1)) {
      if (last.rowCount > 2 * added.rowCount || last.rowCount + added.rowCount > CHUNK_ROWS_MAX) break;
      this.#chunks.pop();
      added = concatBatches([last, added]);
    }
    this.#chunks.push(added);
  }

  #collectDirty(types: readonly SqlType[]): { upserts: Batch; deletes: Batch } {
    const deletes = new BatchBuilder(types, 1).finish();
    if (this.#dirty.length === 0) return { upserts: deletes, deletes };
    const rows = concatBatches(this.#dirty);
    this.#dirty = [];
    const numbers = new Float64Array(rows.rowCount);
    for (let row = 0; row < rows.rowCount; row++) numbers[row] = this.#nextNumber++;
    const numbered = new FixedColumn({ kind: 'float8' }, numbers, null);
    return { upserts: new Batch(rows.rowCount, [...toStateColumns(this.#layout, rows.columns), numbered]), deletes };
  }

  #load(rows: Batch): void {
    const numbers = (rows.columns.at(-1) as FixedColumn).f64;
    for (let row = 0; row < rows.rowCount; row++) {
      const own = numbers[row]! >= this.#firstNumber && numbers[row]! < this.#firstNumber + ROWS_PER_SUBTASK;
      if (own) this.#nextNumber = Math.max(this.#nextNumber, numbers[row]! + 1);
    }
    this.#addChunk(compactBatch(fromStateColumns(this.#layout, rows)));
  }
}
