import { type Batch, compactBatch, concatBatches } from '../../batch/index.ts';
import type { StateTable } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { AppendedRows, compactBytes, type StoredRows } from '../shared/index.ts';
import type { RelationContent } from './materialized-relation.ts';
import type { MaterializeSpec } from './spec.ts';
import { fromStateColumns, type StateLayout, stateLayout, toStateColumns } from './state-layout.ts';

/** Chunks merge up to this many rows. */
const CHUNK_ROWS_MAX = 65_536;

/** Rows that are only ever added: kept as they come, found by nothing. */
export class AppendedContent implements RelationContent {
  readonly state: StateTable;
  readonly #layout: StateLayout;
  readonly #appended: AppendedRows;
  #chunks: Batch[] = [];
  #rows = 0;
  #bytes = 0;

  constructor(types: readonly SqlType[], spec: MaterializeSpec, subtaskIndex: number) {
    this.#appended = new AppendedRows(subtaskIndex);
    const key = types.map((_, index) => index);
    this.#layout = stateLayout(types, { key, partitionKeys: spec.partitionKeys, counted: true });
    const { columns } = this.#layout.declaration;
    this.state = {
      declaration: { ...this.#layout.declaration, keyCount: columns.length },
      collectDirty: () => this.#appended.collectDirty(columns, (all) => toStateColumns(this.#layout, all)),
      load: (rows) => this.#load(rows),
      sizeBytes: () => this.#bytes,
      keyCount: () => this.#rows,
    };
  }

  apply(delta: Batch): boolean {
    if (delta.rowCount === 0) return true;
    const rows = compactBatch(delta);
    this.#appended.add(rows);
    this.#addChunk(rows);
    return true;
  }

  snapshot(): StoredRows[] {
    return this.#chunks.map((batch) => ({ batch, counts: null }));
  }

  #addChunk(rows: Batch): void {
    this.#rows += rows.rowCount;
    this.#bytes += compactBytes(rows);
    let added = rows;
    for (let last = this.#chunks.at(-1); last !== undefined; last = this.#chunks.at(-1)) {
      if (last.rowCount > 2 * added.rowCount || last.rowCount + added.rowCount > CHUNK_ROWS_MAX) break;
      this.#chunks.pop();
      added = concatBatches([last, added]);
    }
    this.#chunks.push(added);
  }

  #load(rows: Batch): void {
    this.#appended.loaded(rows);
    this.#addChunk(compactBatch(fromStateColumns(this.#layout, rows)));
  }
}
