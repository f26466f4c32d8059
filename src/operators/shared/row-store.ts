import { Batch, type Column, compactBatch, concatBatches, gatherBatch } from '../../batch/index.ts';
import { grownInt32 } from './grow-array.ts';
import { rowsEqual } from './rows-equal.ts';

/** Rows of one chunk: an immutable batch, the multiplicity of each row (0: gone), and the slot it belongs to. */
interface Chunk {
  readonly batch: Batch;
  readonly counts: Int32Array;
  readonly slots: Int32Array;
  live: number;
}

/** A chunk merges with the one before it until it has this many rows, so that many small epochs make few chunks. */
const CHUNK_ROWS_MAX = 65_536;

export interface StoredRows {
  readonly batch: Batch;
  /** Multiplicities; null: every row once. */
  readonly counts: Int32Array | null;
}

/**
 * Rows addressed by a small integer (a slot, usually a group of a GroupIndex), kept as columns. What a reader has got stays as it was: batches
 * are never changed, multiplicities are copied for it.
 */
export class RowStore {
  readonly #chunks = new Map<number, Chunk>();
  #nextChunk = 0;
  #lastChunk = -1;
  #chunkOf: Int32Array<ArrayBuffer> = new Int32Array(64);
  #rowOf: Int32Array<ArrayBuffer> = new Int32Array(64);
  #live = 0;
  #stored = 0;

  /** Rows with a multiplicity. */
  get liveRows(): number {
    return this.#live;
  }

  ensureCapacity(slotEnd: number): void {
    this.#chunkOf = grownInt32(this.#chunkOf, slotEnd);
    this.#rowOf = grownInt32(this.#rowOf, slotEnd);
  }

  /** Keeps a copy of the rows; row r goes to `slots[r]` with multiplicity `counts[r]`, both of which become the store's. */
  insert(batch: Batch, slots: Int32Array, counts: Int32Array): void {
    if (batch.rowCount === 0) return;
    this.#stored += batch.rowCount;
    this.#live += batch.rowCount;
    const rows = new Batch(batch.rowCount, batch.columns);
    this.#addChunk({ batch: compactBatch(rows), counts, slots, live: batch.rowCount });
  }

  countOf(slot: number): number {
    return this.#chunks.get(this.#chunkOf[slot]!)!.counts[this.#rowOf[slot]!]!;
  }

  /** The batch in which the slot's row lies, at position `rowOf`. Both hold until the store changes. */
  batchOf(slot: number): Batch {
    return this.#chunks.get(this.#chunkOf[slot]!)!.batch;
  }

  rowOf(slot: number): number {
    return this.#rowOf[slot]!;
  }

  /** The slots that have a row, in any order. */
  numbers(): Int32Array<ArrayBuffer> {
    const slots = new Int32Array(this.#live);
    let count = 0;
    for (const chunk of this.#chunks.values()) {
      for (let row = 0; row < chunk.batch.rowCount; row++) if (chunk.counts[row] !== 0) slots[count++] = chunk.slots[row]!;
    }
    return slots;
  }

  /** True when the slot's row is that row of some columns, byte for byte. */
  holds(slot: number, columns: readonly Column[], row: number): boolean {
    return rowsEqual(this.#chunks.get(this.#chunkOf[slot]!)!.batch.columns, this.#rowOf[slot]!, columns, row);
  }

  setCount(slot: number, count: number): void {
    this.#chunks.get(this.#chunkOf[slot]!)!.counts[this.#rowOf[slot]!] = count;
  }

  remove(slot: number): void {
    const number = this.#chunkOf[slot]!;
    const chunk = this.#chunks.get(number)!;
    chunk.counts[this.#rowOf[slot]!] = 0;
    chunk.live--;
    this.#live--;
    if (chunk.live === 0) {
      this.#chunks.delete(number);
      this.#stored -= chunk.batch.rowCount;
    }
  }

  /** Rewrites chunks that are mostly gaps. Called between epochs. */
  compact(): void {
    if (this.#stored < 2 * this.#live + 4096) return;
    for (const [number, chunk] of [...this.#chunks]) {
      if (chunk.live * 2 > chunk.batch.rowCount) continue;
      this.#chunks.delete(number);
      this.#stored -= chunk.batch.rowCount;
      const kept = liveRows(chunk);
      this.#stored += kept.batch.rowCount;
      this.#addChunk({ ...kept, batch: compactBatch(kept.batch) });
    }
  }

  /** The rows of some slots, in any order, with their multiplicities. */
  rowsOf(slots: Int32Array, count: number): { readonly batch: Batch; readonly counts: Int32Array } | null {
    const rowsByChunk = new Map<number, number[]>();
    for (let at = 0; at < count; at++) {
      const number = this.#chunkOf[slots[at]!]!;
      const rows = rowsByChunk.get(number);
      if (rows === undefined) rowsByChunk.set(number, [this.#rowOf[slots[at]!]!]);
      else rows.push(this.#rowOf[slots[at]!]!);
    }
    const parts: Batch[] = [];
    const counts = new Int32Array(count);
    let at = 0;
    for (const [number, rows] of rowsByChunk) {
      const chunk = this.#chunks.get(number)!;
      parts.push(gatherBatch(chunk.batch, Int32Array.from(rows), rows.length));
      for (const row of rows) counts[at++] = chunk.counts[row]!;
    }
    return parts.length === 0 ? null : { batch: concatBatches(parts), counts };
  }

  /** All rows as they are now; counts of 0 are gaps. */
  snapshot(): StoredRows[] {
    return [...this.#chunks.values()].map((chunk) => ({ batch: chunk.batch, counts: chunk.counts.slice() }));
  }

  sizeBytes(): number {
    let bytes = this.#chunkOf.byteLength + this.#rowOf.byteLength;
    for (const { batch } of this.#chunks.values()) {
      bytes += batch.rowCount * 8;
      for (const column of batch.columns) bytes += column.storage === 'bytes' ? column.data.byteLength + batch.rowCount * 8 : batch.rowCount * 8;
    }
    return bytes;
  }

  #addChunk(chunk: Chunk): void {
    let added = chunk;
    for (let last = this.#chunks.get(this.#lastChunk); last !== undefined; last = this.#chunks.get(this.#lastChunk)) {
      if (last.batch.rowCount > 2 * added.batch.rowCount || last.batch.rowCount + added.batch.rowCount > CHUNK_ROWS_MAX) break;
      this.#chunks.delete(this.#lastChunk);
      this.#stored -= last.batch.rowCount - last.live;
      added = mergeChunks(liveRows(last), added);
      this.#lastChunk = this.#newestChunk();
    }
    const number = this.#nextChunk++;
    this.#chunks.set(number, added);
    this.#lastChunk = number;
    for (let row = 0; row < added.batch.rowCount; row++) {
      if (added.counts[row] === 0) continue;
      this.#chunkOf[added.slots[row]!] = number;
      this.#rowOf[added.slots[row]!] = row;
    }
  }

  /** Chunks are in the map in order of making. */
  #newestChunk(): number {
    let newest = -1;
    for (const number of this.#chunks.keys()) newest = number;
    return newest;
  }
}

function liveRows(chunk: Chunk): Chunk {
  const { batch, counts } = chunk;
  if (chunk.live === batch.rowCount) return chunk;
  const selection = new Int32Array(chunk.live);
  let count = 0;
  for (let row = 0; row < batch.rowCount; row++) {
    if (counts[row] !== 0) selection[count++] = row;
  }
  return {
    batch: gatherBatch(batch, selection, count),
    counts: selection.map((row) => counts[row]!),
    slots: selection.map((row) => chunk.slots[row]!),
    live: count,
  };
}

function mergeChunks(left: Chunk, right: Chunk): Chunk {
  const counts = new Int32Array(left.batch.rowCount + right.batch.rowCount);
  counts.set(left.counts.subarray(0, left.batch.rowCount));
  counts.set(right.counts.subarray(0, right.batch.rowCount), left.batch.rowCount);
  const slots = new Int32Array(counts.length);
  slots.set(left.slots.subarray(0, left.batch.rowCount));
  slots.set(right.slots.subarray(0, right.batch.rowCount), left.batch.rowCount);
  return { batch: concatBatches([left.batch, right.batch]), counts, slots, live: left.live + right.live };
}
