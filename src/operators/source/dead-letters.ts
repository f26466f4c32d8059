import { Batch, BatchBuilder, type Column, concatBatches, type Epoch, projectBatch } from '../../batch/index.ts';
import { NO_PINNED_DELTAS, type PinnedDeltas, type ReadableRelation, type RelationScan, type StateTable } from '../../spi/index.ts';
import type { Datum, SqlType } from '../../types/index.ts';

interface Part {
  readonly batch: Batch;
  readonly bytes: number;
}

/** Rows collected before they become a part. */
const PART_ROWS = 256;

/**
 * Rows a relation did not take, the newest up to a size. Not versioned: they are an account of what happened, and a
 * scan shows what is there at the call. Kept in a state table by (partition, offset); `keyColumns` are the positions of these.
 */
export class DeadLetters implements ReadableRelation {
  readonly state: StateTable;
  readonly #types: readonly SqlType[];
  readonly #bytesMax: number;
  readonly #keyColumns: readonly [number, number];
  #parts: Part[] = [];
  #bytes = 0;
  #rows = 0;
  #collected: BatchBuilder;
  #dirty: Batch[] = [];
  #evicted: Batch[] = [];

  constructor(options: {
    readonly name: string;
    readonly types: readonly SqlType[];
    readonly keyColumns: readonly [number, number];
    readonly bytesMax: number;
  }) {
    this.#types = options.types;
    this.#bytesMax = options.bytesMax;
    this.#keyColumns = options.keyColumns;
    this.#collected = new BatchBuilder(options.types, 16);
    const [partition, offset] = options.keyColumns;
    const order = [partition, offset, ...options.types.map((_, index) => index).filter((index) => index !== partition && index !== offset)];
    this.state = {
      declaration: { name: options.name, columns: order.map((index) => options.types[index]!), keyCount: 2, partitionKeyCount: 2 },
      collectDirty: () => this.#collectDirty(order),
      load: (rows) => this.#load(rows, order),
      sizeBytes: () => this.#bytes,
      keyCount: () => this.#rows,
    };
  }

  add(row: readonly (Datum | null)[]): void {
    this.#collected.appendRow(row);
    if (this.#collected.rowCount >= PART_ROWS) this.#endPart();
  }

  *scan(_epoch: Epoch, request: RelationScan): Generator<Batch, undefined> {
    this.#endPart();
    const parts = [...this.#parts];
    for (const { batch } of parts) yield projectBatch(batch, request.columns);
    return undefined;
  }

  /** Has no epochs. */
  changes(): null {
    return null;
  }

  release(): void {}

  pinnedThrough(): void {}

  pinned(): PinnedDeltas {
    return NO_PINNED_DELTAS;
  }

  #endPart(): void {
    if (this.#collected.rowCount === 0) return;
    const batch = this.#collected.finish();
    this.#dirty.push(batch);
    this.#addPart(batch);
  }

  #addPart(batch: Batch): void {
    const bytes = batch.rowCount * 64 + batch.columns.reduce((sum, column) => sum + (column.storage === 'bytes' ? column.data.length : 8), 0);
    this.#parts.push({ batch, bytes });
    this.#bytes += bytes;
    this.#rows += batch.rowCount;
    while (this.#bytes > this.#bytesMax && this.#parts.length > 1) {
      const oldest = this.#parts.shift()!;
      this.#bytes -= oldest.bytes;
      this.#rows -= oldest.batch.rowCount;
      this.#evicted.push(projectBatch(oldest.batch, this.#keyColumns));
      this.#dirty = this.#dirty.filter((dirty) => dirty !== oldest.batch);
    }
  }

  #collectDirty(order: readonly number[]): { upserts: Batch; deletes: Batch } {
    this.#endPart();
    const upserts = projectBatch(joined(this.#dirty, this.#types), order);
    const keyTypes = this.#keyColumns.map((column) => this.#types[column]!);
    const deletes = joined(this.#evicted, keyTypes);
    this.#dirty = [];
    this.#evicted = [];
    return { upserts, deletes };
  }

  #load(rows: Batch, order: readonly number[]): void {
    const columns: Column[] = [];
    order.forEach((column, index) => {
      columns[column] = rows.columns[index]!;
    });
    this.#addPart(new Batch(rows.rowCount, columns));
  }
}

function joined(batches: readonly Batch[], types: readonly SqlType[]): Batch {
  return batches.length === 0 ? new BatchBuilder(types, 1).finish() : concatBatches(batches);
}
