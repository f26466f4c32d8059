import { type Batch, type Column, compactBatch, type Epoch, FixedColumn } from '../../batch/index.ts';
import type { KeyRange, StateTable } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { AppendedRows, compactBytes, type StoredRows } from '../shared/index.ts';
import { ChunkList } from './chunk-list.ts';
import { ContentIndexes } from './content-indexes.ts';
import type { RelationContent } from './materialized-relation.ts';
import type { MaterializeSpec } from './spec.ts';
import { fromStateColumns, type StateLayout, stateLayout, toStateColumns } from './state-layout.ts';

/**
 * Rows that are only ever added: kept as they come, found by their indexes alone. They lie at the subtask they came to, and in state by their contents: after a restart a
 * subtask does not find the rows it has numbered. So a row's number counts within the epoch of its checkpoint, which stands in front of it.
 */
export class AppendedContent implements RelationContent {
  readonly state: StateTable;
  readonly #layout: StateLayout;
  readonly #appended: AppendedRows;
  readonly #list = new ChunkList();
  readonly #indexes: ContentIndexes;
  #bytes = 0;

  constructor(types: readonly SqlType[], spec: MaterializeSpec, subtaskIndex: number) {
    this.#appended = new AppendedRows(subtaskIndex);
    this.#indexes = new ContentIndexes(this.#list, types);
    const key = types.map((_, index) => index);
    this.#layout = stateLayout(types, { key, partitionKeys: spec.partitionKeys, counted: true });
    const columns: readonly SqlType[] = [...this.#layout.declaration.columns, { kind: 'float8' }];
    this.state = {
      declaration: { ...this.#layout.declaration, columns, keyCount: columns.length, tieBreakers: { count: 2, kind: 'numbered' } },
      collectDirty: (epoch) => this.#appended.collectDirty(columns, (rows) => this.#stateColumns(rows, epoch)),
      load: (rows) => this.#load(rows),
      sizeBytes: () => this.#bytes,
      keyCount: () => this.#list.rowCount,
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
    return this.#list.chunks.map((batch) => ({ batch, counts: null }));
  }

  find(range: KeyRange): StoredRows | null {
    const batch = this.#list.rowsOf(this.#indexes.lookUp(range));
    return batch === null ? null : { batch, counts: null };
  }

  dropIndex(columns: readonly number[]): void {
    this.#indexes.drop(columns);
  }

  #addChunk(rows: Batch): void {
    this.#bytes += compactBytes(rows);
    const first = this.#list.rowCount;
    this.#list.add(rows);
    this.#indexes.add(Int32Array.from({ length: rows.rowCount }, (_, row) => first + row));
  }

  #stateColumns({ rowCount, columns }: Batch, epoch: Epoch): Column[] {
    return [...toStateColumns(this.#layout, columns), epochColumn(epoch, rowCount)];
  }

  #load(rows: Batch): void {
    this.#appended.loaded(rows);
    this.#addChunk(compactBatch(fromStateColumns(this.#layout, rows)));
  }
}

function epochColumn(epoch: Epoch, rowCount: number): FixedColumn {
  return new FixedColumn({ kind: 'float8' }, new Float64Array(rowCount).fill(epoch), null);
}
