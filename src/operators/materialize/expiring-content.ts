import {
  type Barrier,
  Batch,
  BatchBuilder,
  type Column,
  compactBatch,
  concatBatches,
  type Epoch,
  FixedColumn,
  gatherBatch,
  projectBatch,
} from '../../batch/index.ts';
import type { StateTable } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { compactBytes, type StoredRows } from '../shared/index.ts';
import { ChunkList } from './chunk-list.ts';
import type { RelationContent } from './materialized-relation.ts';
import type { MaterializeSpec } from './spec.ts';
import { type StateLayout, stateLayout } from './state-layout.ts';

/** Segments a retention is cut into: what has expired goes in whole ones. */
const SEGMENTS = 16;
/** Rows a subtask can number in an epoch before its numbers meet the next one's. */
const ROWS_PER_SUBTASK = 2 ** 40;
const float8 = { kind: 'float8' } as const;

/** Rows written in one stretch of time. */
interface Segment {
  /** With the columns of state behind their own: as they lie in the state table. */
  readonly list: ChunkList;
  /** Not in state yet. */
  dirty: Batch[];
}

/**
 * Rows that are only ever added and that go when they have been here for longer than `retentionMicros`, counted from the time of the epoch that brought them.
 * Which rows are there is a function of the times of the epochs alone, so a replay, another number of subtasks and a restart come to the same; each row
 * carries its epoch, its number there and the time, in memory as in state.
 */
export class ExpiringContent implements RelationContent {
  readonly state: StateTable;
  readonly #layout: StateLayout;
  readonly #width: number;
  readonly #retentionMicros: number;
  readonly #segmentMicros: number;
  readonly #firstNumber: number;
  /** Ascending by time, since epochs are. A restored one may lie before others. */
  readonly #segments = new Map<number, Segment>();
  /** Keys of rows that are gone since the last checkpoint. */
  #gone: Batch[] = [];
  /** Rows of epochs up to this one are in state. */
  #savedThrough = Number.NEGATIVE_INFINITY;
  #rows = 0;
  #bytes = 0;

  constructor(types: readonly SqlType[], spec: MaterializeSpec, options: { readonly subtaskIndex: number; readonly retentionMs: number }) {
    this.#width = types.length;
    this.#retentionMicros = options.retentionMs * 1000;
    this.#segmentMicros = Math.max(1, Math.ceil(this.#retentionMicros / SEGMENTS));
    this.#firstNumber = options.subtaskIndex * ROWS_PER_SUBTASK;
    this.#layout = stateLayout(types, { key: types.map((_, index) => index), partitionKeys: spec.partitionKeys, counted: false });
    const { declaration } = this.#layout;
    this.state = {
      // Epoch and number keep equal rows apart; the time follows from the epoch.
      declaration: { ...declaration, columns: [...declaration.columns, float8, float8, float8], keyCount: types.length + 2 },
      collectDirty: (epoch) => this.#collectDirty(epoch),
      load: (rows) => this.#load(rows),
      sizeBytes: () => this.#bytes,
      keyCount: () => this.#rows,
    };
  }

  apply(delta: Batch, { epoch, timestampMicros }: Barrier): boolean {
    if (delta.rowCount === 0) return true;
    const { rowCount, columns } = compactBatch(delta);
    const numbers = Float64Array.from({ length: rowCount }, (_, row) => this.#firstNumber + row);
    const written = Number(timestampMicros);
    const rows = new Batch(rowCount, [...columns, repeated(epoch, rowCount), new FixedColumn(float8, numbers, null), repeated(written, rowCount)]);
    const segment = this.#segmentOf(written);
    segment.dirty.push(rows);
    this.#addChunk(segment, rows);
    return true;
  }

  /** Takes out the segments in which every row has expired at this time; returns their rows, null for none. */
  expire(timestampMicros: bigint): Batch | null {
    const bound = Math.floor((Number(timestampMicros) - this.#retentionMicros) / this.#segmentMicros);
    const expired: Batch[] = [];
    for (const [number, { list }] of this.#segments) {
      if (number >= bound) continue;
      this.#segments.delete(number);
      expired.push(...list.chunks);
    }
    if (expired.length === 0) return null;
    const rows = concatBatches(expired);
    this.#rows -= rows.rowCount;
    for (const chunk of expired) this.#bytes -= compactBytes(chunk);
    const saved = this.#savedRows(rows);
    if (saved.rowCount > 0) this.#gone.push(projectBatch(saved, this.#stateOrder().slice(0, -1)));
    return this.#content(rows);
  }

  /** Those of a checkpoint: the others never reach state. */
  #savedRows(rows: Batch): Batch {
    const epochs = (rows.columns[this.#width] as FixedColumn).f64;
    const selection = new Int32Array(rows.rowCount);
    let count = 0;
    for (let row = 0; row < rows.rowCount; row++) if (epochs[row]! <= this.#savedThrough) selection[count++] = row;
    return gatherBatch(rows, selection, count);
  }

  snapshot(): StoredRows[] {
    return [...this.#segments.values()].flatMap(({ list }) => list.chunks.map((chunk) => ({ batch: this.#content(chunk), counts: null })));
  }

  #content(rows: Batch): Batch {
    return new Batch(rows.rowCount, rows.columns.slice(0, this.#width));
  }

  #segmentOf(written: number): Segment {
    const number = Math.floor(written / this.#segmentMicros);
    let segment = this.#segments.get(number);
    if (segment === undefined) {
      segment = { list: new ChunkList(), dirty: [] };
      this.#segments.set(number, segment);
    }
    return segment;
  }

  #addChunk(segment: Segment, rows: Batch): void {
    this.#rows += rows.rowCount;
    this.#bytes += compactBytes(rows);
    segment.list.add(rows);
  }

  /** Positions of the state table's columns in a chunk. */
  #stateOrder(): number[] {
    return [...this.#layout.order, this.#width, this.#width + 1, this.#width + 2];
  }

  #collectDirty(epoch: Epoch): { upserts: Batch; deletes: Batch } {
    this.#savedThrough = epoch;
    const order = this.#stateOrder();
    const dirty = [...this.#segments.values()].flatMap((segment) => segment.dirty);
    for (const segment of this.#segments.values()) segment.dirty = [];
    const deletes = this.#gone;
    this.#gone = [];
    const none = new BatchBuilder(this.state.declaration.columns, 1).finish();
    return {
      upserts: dirty.length === 0 ? none : projectBatch(concatBatches(dirty), order),
      deletes: deletes.length === 0 ? new Batch(0, none.columns.slice(0, -1)) : concatBatches(deletes),
    };
  }

  #load(rows: Batch): void {
    const columns: Column[] = [];
    for (const [index, column] of this.#stateOrder().entries()) columns[column] = rows.columns[index]!;
    const restored = new Batch(rows.rowCount, columns);
    const written = (columns.at(-1) as FixedColumn).f64;
    const epochs = (columns[this.#width] as FixedColumn).f64;
    for (let row = 0; row < rows.rowCount; row++) this.#savedThrough = Math.max(this.#savedThrough, epochs[row]!);
    const bySegment = new Map<Segment, number[]>();
    for (let row = 0; row < rows.rowCount; row++) {
      const segment = this.#segmentOf(written[row]!);
      const members = bySegment.get(segment);
      if (members === undefined) bySegment.set(segment, [row]);
      else members.push(row);
    }
    for (const [segment, members] of bySegment) this.#addChunk(segment, gatherBatch(restored, Int32Array.from(members), members.length));
  }
}

function repeated(value: number, rowCount: number): FixedColumn {
  return new FixedColumn(float8, new Float64Array(rowCount).fill(value), null);
}
