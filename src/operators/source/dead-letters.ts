import type { Clock } from '../../base/index.ts';
import {
  Batch,
  BatchBuilder,
  type BytesColumn,
  type Column,
  concatBatches,
  type Epoch,
  type FixedColumn,
  gatherBatch,
  projectBatch,
  sliceBatch,
} from '../../batch/index.ts';
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
  /** Rows since somebody emptied it. */
  readonly newest: (readonly (Datum | null)[])[] = [];
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

  /** Of the rows, without their time. */
  get types(): readonly SqlType[] {
    return this.#options.types;
  }

  add(row: readonly (Datum | null)[]): void {
    this.newest.push(row);
    this.#collected.appendRow([...row, this.#options.clock.nowMicros()]);
    if (this.#collected.rowCount >= PART_ROWS) this.#endPart();
  }

  *scan(_epoch: Epoch, request: RelationScan): Generator<Batch, undefined> {
    this.#endPart();
    this.#evict();
    const oldestMicros = this.#oldestMicros();
    const parts = [...this.#parts];
    for (const { batch } of parts) yield projectBatch(sinceThen(batch, oldestMicros), request.columns);
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
    this.#evict();
  }

  #addPart(batch: Batch): void {
    const bytes = batch.rowCount * 64 + batch.columns.reduce((sum, column) => sum + (column.storage === 'bytes' ? textBytes(column) : 8), 0);
    const times = timesOf(batch);
    let newestMicros = times[0]!;
    for (let row = 1; row < batch.rowCount; row++) if (times[row]! > newestMicros) newestMicros = times[row]!;
    this.#parts.push({ batch, bytes, newestMicros });
    this.#bytes += bytes;
    this.#rows += batch.rowCount;
  }

  /** Whole parts go, the oldest first: all that are too old, and as many as are too much. */
  #evict(): void {
    const { bytesMax, keyColumns } = this.#options;
    const oldestMicros = this.#oldestMicros();
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
    const batch = new Batch(rows.rowCount, columns);
    const times = timesOf(batch);
    // By time again, in parts as before: one part of all rows would go as a whole.
    const byTime = Int32Array.from({ length: batch.rowCount }, (_, row) => row).sort((left, right) => compareTimes(times[left]!, times[right]!));
    const ordered = gatherBatch(batch, byTime, batch.rowCount);
    for (let row = 0; row < batch.rowCount; row += PART_ROWS) this.#addPart(sliceBatch(ordered, row, Math.min(row + PART_ROWS, batch.rowCount)));
    this.#parts.sort((left, right) => compareTimes(left.newestMicros, right.newestMicros));
  }

  /** What was set aside before is too old. */
  #oldestMicros(): bigint {
    const { ageMaxMs, clock } = this.#options;
    return clock.nowMicros() - BigInt(ageMaxMs) * 1000n;
  }
}

function timesOf(batch: Batch): BigInt64Array {
  return (batch.columns.at(-1) as FixedColumn).i64;
}

function compareTimes(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The rows of a part that were set aside at this time or later: a part goes with its newest row, but no row is shown for longer than its own time. */
function sinceThen(batch: Batch, oldestMicros: bigint): Batch {
  const times = timesOf(batch);
  const selection = new Int32Array(batch.rowCount);
  let count = 0;
  for (let row = 0; row < batch.rowCount; row++) if (times[row]! >= oldestMicros) selection[count++] = row;
  return count === batch.rowCount ? batch : gatherBatch(batch, selection, count);
}

function textBytes(column: BytesColumn): number {
  let bytes = 0;
  for (let row = 0; row < column.starts.length; row++) bytes += column.ends[row]! - column.starts[row]!;
  return bytes;
}

function joined(batches: readonly Batch[], types: readonly SqlType[]): Batch {
  return batches.length === 0 ? new BatchBuilder(types, 1).finish() : concatBatches(batches);
}
