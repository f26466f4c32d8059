import { Batch, type Column, compactBatch, concatBatches, GroupIndex, gatherBatch, keyColumns } from '../../batch/index.ts';
import type { StateTable } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { AppendedRows, compactBytes, grownInt32 } from '../shared/index.ts';
import { KeyTotals } from './key-totals.ts';
import { bySlot, MatchCollector, type Matches, repeatedByWeight } from './matches.ts';
import type { StoredSide } from './stored-side.ts';

/** Smaller chunks merge, so that many small batches make few chunks; larger ones are kept as they came. */
const CHUNK_ROWS_MIN = 1024;

/** Rows from slot `first` on. */
interface Chunk {
  readonly first: number;
  readonly batch: Batch;
}

interface AppendedSideOptions {
  readonly types: readonly SqlType[];
  readonly keys: readonly number[];
  /** Keeps how many rows there are of each key. */
  readonly totals: boolean;
}

/**
 * The rows of an input to which rows are only ever added: kept as they came, chained by join key. Nothing takes a row back, so nothing has to find one by
 * its contents, which for rows with text is most of the work. A slot is the place in order of arrival.
 */
export class AppendedSide implements StoredSide {
  readonly state: StateTable;
  readonly totals: KeyTotals | null;
  readonly #types: readonly SqlType[];
  readonly #keys: readonly number[];
  readonly #keyIndex: GroupIndex;
  readonly #appended: AppendedRows;
  readonly #chunks: Chunk[] = [];
  #rows = 0;
  #bytes = 0;
  #groups = new Int32Array(0);
  /** Chains of slots by key, numbers plus one, 0 ends. */
  #first: Int32Array<ArrayBuffer> = new Int32Array(64);
  #next: Int32Array<ArrayBuffer> = new Int32Array(64);

  constructor(name: string, { types, keys, totals }: AppendedSideOptions, subtaskIndex: number) {
    this.#types = types;
    this.#keys = keys;
    this.#keyIndex = new GroupIndex(keys.map((key) => types[key]!));
    this.totals = totals ? new KeyTotals(this.#keyIndex) : null;
    this.#appended = new AppendedRows(subtaskIndex);
    // The join keys come first to decide the key group, and again at their place among all columns.
    const stateTypes: SqlType[] = [...keys.map((key) => types[key]!), ...types, { kind: 'float8' }];
    this.state = {
      declaration: { name, columns: stateTypes, keyCount: stateTypes.length, partitionKeyCount: keys.length },
      collectDirty: () => this.#appended.collectDirty(stateTypes, (all) => [...keys.map((key) => all[key]!), ...all]),
      load: (rows) => this.#load(rows),
      sizeBytes: () => this.#bytes + this.#keyIndex.sizeBytes + this.#next.byteLength,
      keyCount: () => this.#rows,
    };
  }

  apply(batch: Batch): void {
    if (batch.rowCount === 0) return;
    const rows = compactBatch(repeatedByWeight(batch));
    this.#appended.add(rows);
    this.#add(rows);
  }

  probe(batch: Batch, keys: readonly number[], portion: number, take: (matches: Matches) => void): void {
    const found = new Int32Array(batch.rowCount);
    this.#keyIndex.lookup(keyColumns(batch, keys), batch.rowCount, found);
    const matches = new MatchCollector(portion, (found) => take(bySlot(found)));
    for (let row = 0; row < batch.rowCount; row++) {
      if (found[row]! < 0) continue;
      const weight = batch.weights === null ? 1 : batch.weights[row]!;
      for (let slot = this.#first[found[row]!]! - 1; slot >= 0; slot = this.#next[slot]! - 1) matches.add(row, slot, weight);
    }
    matches.flush();
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
      parts.push(gatherBatch(batch, selection, selection.length));
    }
    return [...concatBatches(parts).columns];
  }

  endEpoch(): boolean {
    this.totals?.endEpoch();
    return true;
  }

  #add(rows: Batch): void {
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
    if (this.totals !== null) {
      this.totals.ensureCapacity();
      for (let row = 0; row < rowCount; row++) this.totals.add(this.#groups[row]!, 1);
    }
    this.#addChunk({ first: this.#rows, batch: rows });
    this.#rows += rowCount;
    this.#bytes += compactBytes(rows);
  }

  #addChunk(chunk: Chunk): void {
    let added = chunk;
    for (let last = this.#chunks.at(-1); last !== undefined; last = this.#chunks.at(-1)) {
      if (last.batch.rowCount >= CHUNK_ROWS_MIN || last.batch.rowCount > 2 * added.batch.rowCount) break;
      this.#chunks.pop();
      added = { first: last.first, batch: concatBatches([last.batch, added.batch]) };
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
    const columns = rows.columns.slice(this.#keys.length, this.#keys.length + this.#types.length);
    this.#add(compactBatch(new Batch(rows.rowCount, columns)));
    this.totals?.endEpoch();
  }
}
