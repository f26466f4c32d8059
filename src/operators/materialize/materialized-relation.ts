import { SqlError, SqlState } from '../../base/index.ts';
import { type Barrier, Batch, concatBatches, type Epoch, gatherBatch, projectBatch, sliceBatch } from '../../batch/index.ts';
import type { DeltaHold, HeldChange, KeyRange, PinnedDeltas, ReadableRelation, RelationScan, StateTable } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { consolidate, emitInBatches, type StoredRows } from '../shared/index.ts';
import { HeldDeltas } from './held-deltas.ts';
import { KeyOrder } from './key-order.ts';
import { KeySpan } from './key-span.ts';
import { PortionsAt, undone } from './portions-at.ts';
import { RetainedDeltas } from './retained-deltas.ts';

/** The rows themselves; how they are found by key is the implementation's. */
export interface RelationContent {
  readonly state: StateTable;
  /** Applies a net delta; false, and the content unusable, when a row would be there a negative number of times or a key twice. */
  apply(delta: Batch, barrier: Barrier): boolean;
  /** Takes out what is too old at a time and returns it; null for nothing. Absent: everything stays. */
  expire?(timestampMicros: bigint): Batch | null;
  snapshot(): StoredRows[];
  /** The rows of a range, null for none, whatever comes later. Absent: they are found by reading all. */
  find?(range: KeyRange): StoredRows | null;
  dropIndex?(columns: readonly number[]): void;
  /** What changes by key amount to against the rows there are. Absent: rows have no key. */
  netOfUpserts?(rows: Batch): { readonly delta: Batch; readonly unknownCount: number };
  /** Rows that are not in memory; snapshot and find are for those that are. Null or absent: all are. */
  portions?(): RowPortions | null;
  /** False while so much is on its way out of memory that no more should come. */
  ready?(): boolean;
  close?(): Promise<void>;
}

/** Rows by buckets of their keys, to be read a few buckets at a time. */
export interface RowPortions {
  readonly count: number;
  /** The columns that decide a row's bucket. */
  readonly keys: readonly number[];
  /** The bucket of each row, which has the keys in these columns. */
  of(rows: Batch, keys: readonly number[]): Int32Array;
  /** Where the buckets end that are to be read together, from `start` on. */
  endOf(start: number): number;
  /** Rows of the buckets [start, end) with weights, whose net is the content just now. 72000 when it has ended. */
  parts(start: number, end: number): Batch[];
}

export interface RelationOptions {
  readonly name: string;
  readonly batchRows: number;
  readonly types: readonly SqlType[];
  readonly partitionKeys: readonly number[];
  readonly subtaskIndex: number;
}

/** The content of a relation at its newest epoch, and the deltas of the epochs before it that somebody may still read. */
export class MaterializedRelation implements ReadableRelation {
  readonly #content: RelationContent;
  readonly #name: string;
  readonly #types: readonly SqlType[];
  readonly #batchRows: number;
  readonly #deltas = new RetainedDeltas();
  /** What has expired, as if retracted: who reads an older epoch still sees it, and nobody else hears of it. */
  readonly #expired = new RetainedDeltas();
  /** The newest epoch applied; null before the first barrier. */
  #newest: Epoch | null = null;
  /** Up to here deltas have been let go. */
  #released: Epoch = Number.NEGATIVE_INFINITY;
  /** The first epoch applied. What is restored stands for all epochs up to it: whoever reads one of them is told by the JobManager which there are. */
  #first: Epoch = Number.POSITIVE_INFINITY;

  readonly held: HeldDeltas;

  constructor(content: RelationContent, options: RelationOptions) {
    this.#content = content;
    this.#name = options.name;
    this.#types = options.types;
    this.#batchRows = options.batchRows;
    this.held = new HeldDeltas(options.types, options, (delta) => this.#deltas.restore(delta));
  }

  epochApplied(epoch: Epoch, timestampMicros: bigint, delta: Batch | null): void {
    if (this.#newest === null) this.#first = epoch;
    this.#newest = epoch;
    const micros = Number(timestampMicros);
    this.held.timePassed(micros);
    if (delta === null) return;
    const change: HeldChange = { epoch, timestampMicros: micros, batch: delta };
    this.#deltas.add(change);
    this.held.add(change);
  }

  rowsExpired({ epoch, timestampMicros }: Barrier, { rowCount, columns }: Batch): void {
    const batch = new Batch(rowCount, columns, new Int32Array(rowCount).fill(-1));
    this.#expired.add({ epoch, timestampMicros: Number(timestampMicros), batch });
  }

  /** What is there at the call is what the iterator gives, whatever is applied while it runs. */
  scan(epoch: Epoch, request: RelationScan): Iterator<Batch> {
    const newer = this.#since(epoch);
    const { range } = request;
    const portions = this.#content.portions?.() ?? null;
    if (portions !== null) return this.#byPortions(new PortionsAt(portions, () => this.#since(epoch)), request);
    if (range === undefined || this.#content.find === undefined) {
      const snapshot = this.#content.snapshot();
      return newer.length > 0 ? this.#older(snapshot, concatBatches(newer), request) : this.#current(snapshot, request);
    }
    const found = this.#content.find(range);
    const snapshot = found === null ? [] : [found];
    const since = newer.length === 0 ? null : this.#inRange(concatBatches(newer), range);
    return since !== null && since.rowCount > 0 ? this.#older(snapshot, since, request) : this.#current(snapshot, request);
  }

  rowCount(): number {
    return this.#content.state.keyCount();
  }

  dropIndex(columns: readonly number[]): void {
    this.#content.dropIndex?.(columns);
  }

  changes(epoch: Epoch): readonly Batch[] | null {
    if (this.#newest === null || epoch > this.#newest || epoch <= this.#released) return null;
    if (epoch < this.#first && !this.held.byTime && epoch <= (this.held.after ?? Number.POSITIVE_INFINITY)) return null;
    const delta = this.#deltas.at(epoch);
    return delta === null ? [] : [delta];
  }

  retainedSince(micros: number): readonly HeldChange[] {
    return this.#deltas.laterThan(micros);
  }

  release(epoch: Epoch): void {
    const through = Math.min(epoch, this.held.after ?? Number.POSITIVE_INFINITY);
    this.#released = Math.max(this.#released, through);
    this.#deltas.release(through);
    this.#expired.release(through);
  }

  hold(hold: DeltaHold): void {
    this.held.hold(hold);
  }

  pinnedThrough(epoch: Epoch): void {
    this.#deltas.pinnedThrough(epoch);
    this.#expired.pinnedThrough(epoch);
  }

  pinned(): PinnedDeltas {
    const [deltas, expired] = [this.#deltas.pinned(), this.#expired.pinned()];
    const oldest = Math.min(deltas.oldest ?? Number.POSITIVE_INFINITY, expired.oldest ?? Number.POSITIVE_INFINITY);
    return { bytes: deltas.bytes + expired.bytes, oldest: oldest === Number.POSITIVE_INFINITY ? null : oldest };
  }

  retainedBytes(): number {
    return this.#deltas.bytes() + this.#expired.bytes();
  }

  /** What has changed since the epoch, which is to be retained. */
  #since(epoch: Epoch): readonly Batch[] {
    if (epoch < this.#deltas.lost || epoch < this.#expired.lost) throw this.#tooOld(epoch);
    return [...this.#deltas.since(epoch), ...this.#expired.since(epoch)];
  }

  /** Rows that are not in memory are as they are now whenever they are read, so what has changed since the epoch is undone each time. */
  *#byPortions(portions: PortionsAt, { columns, range }: RelationScan): Generator<Batch, undefined> {
    for (const rows of portions.read(range)) {
      const wanted = range === undefined ? rows : this.#inRange(rows, range);
      yield* batchesOf(projectBatch(wanted, columns), this.#batchRows);
    }
    return undefined;
  }

  #inRange(rows: Batch, range: KeyRange): Batch {
    const span = new KeySpan(range, new KeyOrder(this.#types, range.columns));
    const selection = new Int32Array(rows.rowCount);
    let count = 0;
    for (let row = 0; row < rows.rowCount; row++) if (span.holds(rows, row)) selection[count++] = row;
    return gatherBatch(rows, selection, count);
  }

  #tooOld(epoch: Epoch): SqlError {
    return new SqlError({
      code: SqlState.snapshotTooOld,
      message: `snapshot too old: epoch ${epoch} of "${this.#name}" is not retained any more`,
      detail: 'What has changed since takes more memory than is kept for statements and transactions that read older epochs.',
      hint: 'Begin again, and read in shorter transactions; fsql serve --pinned-memory-mb keeps more.',
      class: 'user',
    });
  }

  *#current(snapshot: readonly StoredRows[], request: RelationScan): Generator<Batch, undefined> {
    for (const { batch, counts } of snapshot) {
      const rows = projectBatch(batch, request.columns);
      for (let start = 0; start < batch.rowCount; start += this.#batchRows) {
        const part = presentRows(rows, counts, { start, end: Math.min(batch.rowCount, start + this.#batchRows) });
        if (part.rowCount > 0) yield part;
      }
    }
    return undefined;
  }

  /** Content at an older epoch: what is there now minus what has come since. */
  *#older(snapshot: readonly StoredRows[], since: Batch, request: RelationScan): Generator<Batch, undefined> {
    const parts = snapshot.map(({ batch, counts }) => presentRows(batch, counts, { start: 0, end: batch.rowCount }));
    const content = consolidate(concatBatches([...parts, undone(since)]));
    yield* batchesOf(projectBatch(content, request.columns), this.#batchRows);
    return undefined;
  }
}

function batchesOf(rows: Batch, batchRows: number): readonly Batch[] {
  const collected: Batch[] = [];
  emitInBatches(rows, batchRows, { emit: (batch) => collected.push(batch) });
  return collected;
}

/** Rows [start, end) that are there, with weights where one is there more than once. */
function presentRows(batch: Batch, counts: Int32Array | null, range: { readonly start: number; readonly end: number }): Batch {
  if (counts === null) return sliceBatch(batch, range.start, range.end);
  const selection = new Int32Array(range.end - range.start);
  let count = 0;
  let repeated = false;
  for (let row = range.start; row < range.end; row++) {
    if (counts[row] === 0) continue;
    if (counts[row] !== 1) repeated = true;
    selection[count++] = row;
  }
  const rows = gatherBatch(batch, selection, count);
  return repeated
    ? new Batch(
        count,
        rows.columns,
        selection.subarray(0, count).map((row) => counts[row]!),
      )
    : rows;
}
