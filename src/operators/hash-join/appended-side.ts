import {
  Batch,
  BatchBuilder,
  type Column,
  compactBatch,
  concatBatches,
  type FixedColumn,
  GroupIndex,
  gatherBatch,
  keyColumns,
  sliceBatch,
} from '../../batch/index.ts';
import type { OperatorEnvironment, StateTable } from '../../spi/index.ts';
import { float8Type, type SqlType } from '../../types/index.ts';
import { AppendedRows, compactBytes, eventTimeOf, grownFloat64, grownInt32 } from '../shared/index.ts';
import type { Expiry } from './expiry.ts';
import { KeyTotals } from './key-totals.ts';
import { bySlot, MatchCollector, type Matches, repeatedByWeight } from './matches.ts';
import { declaredPlacement, type SidePlacement } from './side-placement.ts';
import type { ProbedBy, StoredSide } from './stored-side.ts';

/** Smaller chunks merge, so that many small batches make few chunks; larger ones are kept as they came. */
const CHUNK_ROWS_MIN = 1024;

/** Slots of rows that are gone are numbered over when there are so many of them, more than of those left. */
const REBASE_ROWS_MIN = 65_536;

/** Rows from slot `first` on. Where rows expire, their numbers in the state are last columns, and `latest` their largest event time. */
interface Chunk {
  readonly first: number;
  readonly batch: Batch;
  readonly latest: number;
}

interface SlotRange {
  readonly start: number;
  readonly end: number;
}

interface AppendedSideOptions {
  readonly types: readonly SqlType[];
  readonly keys: readonly number[];
  readonly placement: SidePlacement;
  /** Keeps how many rows there are of each key. */
  readonly totals: boolean;
  readonly expiry: Expiry | null;
  /** What is loaded counts as of this epoch. */
  readonly loadedAsNew: boolean;
}

/**
 * The rows of an input to which rows are only ever added: kept as they came, chained by join key. Nothing takes a row back, so nothing has to find one by
 * its contents, which for rows with text is most of the work. A slot is the place in order of arrival. Rows that expire go by whole chunks, oldest first:
 * `base` is the first slot still there.
 */
export class AppendedSide implements StoredSide {
  readonly state: StateTable;
  readonly totals: KeyTotals | null;
  readonly #keys: readonly number[];
  readonly #front: readonly number[];
  readonly #keyIndex: GroupIndex;
  readonly #appended: AppendedRows;
  readonly #chunks: Chunk[] = [];
  readonly #expiry: Expiry | null;
  readonly #loadedAsNew: boolean;
  readonly #width: number;
  #deleted: Batch[] = [];
  /** One above the last slot. */
  #rows = 0;
  #base = 0;
  /** Slots from `start` on and below `end` are not in the state yet, ascending; kept where rows expire only. */
  #unsaved: SlotRange[] = [];
  #bytes = 0;
  #groups = new Int32Array(0);
  /** Chains of slots by key, numbers plus one, 0 ends. */
  #first: Int32Array<ArrayBuffer> = new Int32Array(64);
  #next: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** By slot, where rows expire by the time of epochs. */
  #times: Float64Array<ArrayBuffer> = new Float64Array(0);

  constructor(
    name: string,
    { types, keys, placement, totals, expiry, loadedAsNew }: AppendedSideOptions,
    { subtaskIndex, startEpoch }: Pick<OperatorEnvironment, 'subtaskIndex' | 'startEpoch'>,
  ) {
    const { front, loose } = placement;
    this.#front = front;
    this.#expiry = expiry;
    this.#loadedAsNew = loadedAsNew;
    this.#width = types.length;
    this.#keys = keys;
    this.#keyIndex = new GroupIndex(keys.map((key) => types[key]!));
    this.totals = totals ? new KeyTotals(this.#keyIndex) : null;
    // What a savepoint has numbered counts as of attempt 0.
    this.#appended = new AppendedRows(subtaskIndex, loose ? startEpoch + 1 : null);
    const count = this.#appended.numberColumns;
    const numbers = Array.from({ length: count }, () => float8Type);
    // What decides the key group comes first, and again at its place among all columns.
    const stateTypes: SqlType[] = [...front.map((column) => types[column]!), ...types, ...numbers];
    this.state = {
      declaration: {
        name,
        columns: stateTypes,
        keyCount: stateTypes.length,
        ...declaredPlacement(placement, keys),
        tieBreakers: { count, kind: 'numbered' },
      },
      collectDirty: () =>
        expiry === null
          ? this.#appended.collectDirty(stateTypes, ({ columns }) => [...front.map((column) => columns[column]!), ...columns])
          : this.#collectDirty(stateTypes),
      load: (rows) => this.#load(rows),
      all: () => this.#all(stateTypes),
      sizeBytes: () => this.#bytes + this.#keyIndex.sizeBytes + this.#next.byteLength + this.#times.byteLength,
      keyCount: () => this.#rows - this.#base,
    };
  }

  apply(batch: Batch): void {
    if (batch.rowCount === 0) return;
    const rows = compactBatch(repeatedByWeight(batch));
    if (this.#expiry === null) {
      this.#appended.add(rows);
      this.#count(this.#add(rows));
    } else {
      const start = this.#rows;
      this.#count(this.#add(this.#appended.numbered(rows)));
      const last = this.#unsaved.at(-1);
      if (last?.end === start) this.#unsaved.pop();
      this.#unsaved.push({ start: last?.end === start ? last.start : start, end: this.#rows });
    }
  }

  probe(batch: Batch, { keys, since }: ProbedBy, portion: number, take: (matches: Matches) => void): void {
    const found = new Int32Array(batch.rowCount);
    this.#keyIndex.lookup(keyColumns(batch, keys), batch.rowCount, found);
    const matches = new MatchCollector(portion, (found) => take(bySlot(found)));
    for (let row = 0; row < batch.rowCount; row++) {
      if (found[row]! < 0) continue;
      const weight = batch.weights === null ? 1 : batch.weights[row]!;
      const earliest = since === undefined ? Number.NEGATIVE_INFINITY : since(row);
      for (let slot = this.#first[found[row]!]! - 1; slot >= this.#base; slot = this.#next[slot]! - 1) {
        if (since === undefined || this.#times[slot]! >= earliest) matches.add(row, slot, weight);
      }
    }
    matches.flush();
  }

  present(): Batch {
    const { rowCount, columns } = this.state.all!();
    return new Batch(rowCount, columns.slice(this.#front.length, this.#front.length + this.#width));
  }

  /** `slots` ascend, as `probe` gives them, so that each chunk is gathered from once. */
  columnsOf(slots: Int32Array): Column[] {
    const parts: Batch[] = [];
    for (let at = 0; at < slots.length; ) {
      const { first, batch } = this.#chunkOf(slots[at]!);
      const start = at;
      while (at < slots.length && slots[at]! < first + batch.rowCount) at++;
      const selection = slots.slice(start, at);
      for (let index = 0; index < selection.length; index++) selection[index]! -= first;
      const rows = this.#expiry === null ? batch : new Batch(batch.rowCount, batch.columns.slice(0, this.#width));
      parts.push(gatherBatch(rows, selection, selection.length));
    }
    return [...concatBatches(parts).columns];
  }

  endEpoch(): boolean {
    this.totals?.endEpoch();
    return true;
  }

  expire(boundMicros: number): void {
    if (this.#expiry === null) return;
    const limit = boundMicros - this.#expiry.slackMicros;
    let count = 0;
    while (count < this.#chunks.length && this.#chunks[count]!.latest < limit) count++;
    if (count === 0) return;
    for (const chunk of this.#chunks.splice(0, count)) this.#forget(chunk);
    this.totals?.endEpoch();
    if (this.#base > this.#rows - this.#base + REBASE_ROWS_MIN) this.#rebase();
  }

  #forget(chunk: Chunk): void {
    const { first, batch } = chunk;
    const { rowCount } = batch;
    this.#base = first + rowCount;
    this.#deleted.push(...this.#parts(chunk, savedRanges(this.#unsaved, this.#base)));
    while (this.#unsaved.length > 0 && this.#unsaved[0]!.end <= this.#base) this.#unsaved.shift();
    this.#bytes -= compactBytes(batch);
    const found = new Int32Array(rowCount);
    this.#keyIndex.lookup(keyColumns(batch, this.#keys), rowCount, found);
    for (const key of found) {
      this.totals?.add(key, -1);
      // The newest row of a key comes first in its chain.
      if (this.#first[key] === 0 || this.#first[key]! > this.#base) continue;
      this.#first[key] = 0;
      this.#keyIndex.remove(key);
    }
  }

  /** Numbers the slots that are left from 0 on. */
  #rebase(): void {
    const by = this.#base;
    for (let key = 0; key < this.#first.length; key++) this.#first[key] = Math.max(0, this.#first[key]! - by);
    for (let slot = by; slot < this.#rows; slot++) this.#next[slot - by] = Math.max(0, this.#next[slot]! - by);
    this.#times.copyWithin(0, by);
    for (const [index, chunk] of this.#chunks.entries()) this.#chunks[index] = { ...chunk, first: chunk.first - by };
    this.#rows -= by;
    this.#unsaved = this.#unsaved.map(({ start, end }) => ({ start: Math.max(0, start - by), end: end - by }));
    this.#base = 0;
  }

  #stateRows(rows: Batch): Batch {
    return new Batch(rows.rowCount, [...this.#front.map((column) => rows.columns[column]!), ...rows.columns]);
  }

  /** Rows of a chunk whose slots lie in some ranges, as they are in the state. */
  #parts({ first, batch }: Chunk, ranges: readonly SlotRange[]): Batch[] {
    const parts: Batch[] = [];
    for (const range of ranges) {
      const start = Math.max(0, range.start - first);
      const end = Math.min(batch.rowCount, range.end - first);
      if (end > start) parts.push(this.#stateRows(sliceBatch(batch, start, end)));
    }
    return parts;
  }

  #collectDirty(types: readonly SqlType[]): { upserts: Batch; deletes: Batch } {
    const none = new BatchBuilder(types, 1).finish();
    const upserts = this.#chunks.flatMap((chunk) => this.#parts(chunk, this.#unsaved));
    const deletes = this.#deleted;
    this.#unsaved = [];
    this.#deleted = [];
    return { upserts: upserts.length === 0 ? none : concatBatches(upserts), deletes: deletes.length === 0 ? none : concatBatches(deletes) };
  }

  /** Of rows that are about to be added. */
  #latest(rows: Batch): number {
    if (this.#expiry === null) return Number.NEGATIVE_INFINITY;
    const times = rows.columns[this.#expiry.column] as FixedColumn;
    let latest = Number.NEGATIVE_INFINITY;
    const isKept = this.#expiry.clock === 'epoch';
    if (isKept) this.#times = grownFloat64(this.#times, this.#rows + rows.rowCount);
    for (let row = 0; row < rows.rowCount; row++) {
      const time = eventTimeOf(times, row);
      if (isKept) this.#times[this.#rows + row] = time;
      latest = Math.max(latest, time);
    }
    return latest;
  }

  /** Rows that have come in this epoch, by the numbers of their keys. */
  #count(keys: Int32Array): void {
    if (this.totals === null) return;
    for (const key of keys) this.totals.add(key, 1);
  }

  /** Returns the number of each row's key; valid until the next call. */
  #add(rows: Batch): Int32Array {
    const { rowCount } = rows;
    if (this.#groups.length < rowCount) this.#groups = new Int32Array(rowCount);
    this.#keyIndex.assign(keyColumns(rows, this.#keys), rowCount, this.#groups);
    this.#first = grownInt32(this.#first, this.#keyIndex.groupEnd);
    this.#next = grownInt32(this.#next, this.#rows + rowCount);
    for (let row = 0; row < rowCount; row++) {
      const key = this.#groups[row]!;
      this.#next[this.#rows + row] = this.#first[key]!;
      this.#first[key] = this.#rows + row + 1;
    }
    this.totals?.ensureCapacity();
    this.#addChunk({ first: this.#rows, batch: rows, latest: this.#latest(rows) });
    this.#rows += rowCount;
    this.#bytes += compactBytes(rows);
    return this.#groups.subarray(0, rowCount);
  }

  #addChunk(chunk: Chunk): void {
    let added = chunk;
    for (let last = this.#chunks.at(-1); last !== undefined; last = this.#chunks.at(-1)) {
      if (last.batch.rowCount >= CHUNK_ROWS_MIN || last.batch.rowCount > 2 * added.batch.rowCount) break;
      this.#chunks.pop();
      added = {
        first: last.first,
        batch: concatBatches([last.batch, added.batch]),
        latest: Math.max(last.latest, added.latest),
      };
    }
    this.#chunks.push(added);
  }

  #chunkOf(slot: number): Chunk {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#chunks[middle]!.first <= slot) low = middle;
      else high = middle - 1;
    }
    return this.#chunks[low]!;
  }

  #load(rows: Batch): void {
    this.#appended.loaded(rows);
    const columns = rows.columns.slice(this.#front.length, this.#expiry === null ? this.#front.length + this.#width : undefined);
    const keys = this.#add(compactBatch(new Batch(rows.rowCount, columns)));
    if (this.#loadedAsNew) this.#count(keys);
    else if (this.totals !== null) for (const key of keys) this.totals.restore(key, 1);
  }

  /** Where rows do not expire they are kept without their numbers. Any will do that is not below those of equal rows: they are read again to go on behind. */
  #all(types: readonly SqlType[]): Batch {
    if (this.#chunks.length === 0) return new BatchBuilder(types, 1).finish();
    const rows = this.#stateRows(concatBatches(this.#chunks.map(({ batch }) => batch)));
    return this.#expiry === null ? this.#appended.withNewestNumber(rows) : rows;
  }
}

/** What lies between some ranges, below `end`. */
function savedRanges(unsaved: readonly SlotRange[], end: number): SlotRange[] {
  const starts = [0, ...unsaved.map((range) => range.end)];
  const ends = [...unsaved.map((range) => range.start), end];
  return starts.map((start, index) => ({ start, end: ends[index]! }));
}
