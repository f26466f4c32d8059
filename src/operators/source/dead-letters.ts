import type { Clock } from '../../base/index.ts';
import { Batch, BatchBuilder, type Column, concatBatches, type Epoch, type FixedColumn, projectBatch } from '../../batch/index.ts';
import { NO_PINNED_DELTAS, type PinnedDeltas, type ReadableRelation, type RelationScan, type StateTable } from '../../spi/index.ts';
import type { Datum, SqlType } from '../../types/index.ts';

interface Part {
  /** With the time each row was set aside as a last column. */
  readonly batch: Batch;
  readonly bytes: number;
  /** When the newest of its rows was set aside. */
  readonly newestMicros: bigint;
}

export interface DeadLetterOptions {
  readonly name: string;
  readonly types: readonly SqlType[];
  readonly keyColumns: readonly [number, number];
  readonly bytesMax: number;
  readonly ageMaxMs: number;
  readonly clock: Clock;
}

const timeType = { kind: 'int8' } as const;

/** Rows collected before they become a part. */
const PART_ROWS = 256;

/**
 * Rows a relation did not take, the newest up to a size and an age. Not versioned: they are an account of what happened, and a
 * scan shows what is there at the call, by the clock that says when a row was set aside. Kept in a state table by (partition, offset); `keyColumns` are the positions of these.
 */
export class DeadLetters implements ReadableRelation {
  readonly state: StateTable;
  readonly #options: DeadLetterOptions;
  /** Of the rows with their time. */
  readonly #types: readonly SqlType[];
  #parts: Part[] = [];
  #bytes = 0;
  #rows = 0;
  #collected: BatchBuilder;
  #dirty: Batch[] = [];
  #evicted: Batch[] = [];

  constructor(options: DeadLetterOptions) {
    this.#options = options;
    this.#types = [...options.types, timeType];
    this.#collected = new BatchBuilder(this.#types, 16);
    const [partition, offset] = options.keyColumns;
    const order = [partition, offset, ...this.#types.map((_, index) => index).filter((index) => index !== partition && index !== offset)];
    this.state = {
      declaration: { name: options.name, columns: order.map((index) => this.#types[index]!), keyCount: 2, partitionKeyCount: 2 },
      collectDirty: () => this.#collectDirty(order),
      load: (rows) => this.#load(rows, order),
      sizeBytes: () => this.#bytes,
      keyCount: () => this.#rows,
    };
  }

  add(row: readonly (Datum | null)[]): void {
    this.#collected.appendRow([...row, this.#options.clock.nowMicros()]);
    if (this.#collected.rowCount >= PART_ROWS) this.#endPart();
  }

  *scan(_epoch: Epoch, request: RelationScan): Generator<Batch, undefined> {
    this.#endPart();
    this.#evict();
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
    const times = (batch.columns.at(-1) as FixedColumn).i64;
    let newestMicros = times[0]!;
    for (let row = 1; row < batch.rowCount; row++) if (times[row]! > newestMicros) newestMicros = times[row]!;
    this.#parts.push({ batch, bytes, newestMicros });
    this.#bytes += bytes;
    this.#rows += batch.rowCount;
    this.#evict();
  }

  /** Whole parts go, the oldest first: all that are too old, and as many as are too much. */
  #evict(): void {
    const { bytesMax, ageMaxMs, clock, keyColumns } = this.#options;
    const oldestMicros = clock.nowMicros() - BigInt(ageMaxMs) * 1000n;
    while (this.#parts.length > 0) {
      const oldest = this.#parts[0]!;
      const tooMuch = this.#bytes > bytesMax && this.#parts.length > 1;
      if (!tooMuch && oldest.newestMicros >= oldestMicros) return;
      this.#parts.shift();
      this.#bytes -= oldest.bytes;
      this.#rows -= oldest.batch.rowCount;
      this.#evicted.push(projectBatch(oldest.batch, keyColumns));
      this.#dirty = this.#dirty.filter((dirty) => dirty !== oldest.batch);
    }
  }

  #collectDirty(order: readonly number[]): { upserts: Batch; deletes: Batch } {
    this.#endPart();
    this.#evict();
    const upserts = projectBatch(joined(this.#dirty, this.#types), order);
    const keyTypes = this.#options.keyColumns.map((column) => this.#types[column]!);
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
    if (rows.rowCount > 0) this.#addPart(new Batch(rows.rowCount, columns));
  }
}

function joined(batches: readonly Batch[], types: readonly SqlType[]): Batch {
  return batches.length === 0 ? new BatchBuilder(types, 1).finish() : concatBatches(batches);
}
