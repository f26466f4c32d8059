import { type Batch, concatBatches, gatherBatch } from '../../batch/index.ts';

/** Chunks merge up to this many rows. */
const CHUNK_ROWS_MAX = 65_536;

/**
 * Rows in the order they came, in chunks that merge as they grow, so that there are few of them and each row is copied seldom. A row's number is how many
 * came before it.
 */
export class ChunkList {
  readonly #chunks: Batch[] = [];
  /** The number of the first row of each chunk. */
  readonly #firsts: number[] = [];
  #rows = 0;

  get rowCount(): number {
    return this.#rows;
  }

  get chunks(): readonly Batch[] {
    return this.#chunks;
  }

  add(rows: Batch): void {
    let added = rows;
    let first = this.#rows;
    this.#rows += rows.rowCount;
    for (let last = this.#chunks.at(-1); last !== undefined; last = this.#chunks.at(-1)) {
      if (last.rowCount > 2 * added.rowCount || last.rowCount + added.rowCount > CHUNK_ROWS_MAX) break;
      this.#chunks.pop();
      first = this.#firsts.pop()!;
      added = concatBatches([last, added]);
    }
    this.#chunks.push(added);
    this.#firsts.push(first);
  }

  batchOf(number: number): Batch {
    return this.#chunks[this.#chunkOf(number)]!;
  }

  rowOf(number: number): number {
    return number - this.#firsts[this.#chunkOf(number)]!;
  }

  numbers(): Int32Array<ArrayBuffer> {
    return Int32Array.from({ length: this.#rows }, (_, number) => number);
  }

  /** The rows with these numbers; null for none. */
  rowsOf(numbers: Int32Array): Batch | null {
    const positions = new Map<number, number[]>();
    for (const number of numbers) {
      const chunk = this.#chunkOf(number);
      const rows = positions.get(chunk);
      if (rows === undefined) positions.set(chunk, [number - this.#firsts[chunk]!]);
      else rows.push(number - this.#firsts[chunk]!);
    }
    const parts = [...positions].map(([chunk, rows]) => gatherBatch(this.#chunks[chunk]!, Int32Array.from(rows), rows.length));
    return parts.length === 0 ? null : concatBatches(parts);
  }

  #chunkOf(number: number): number {
    let [low, high] = [0, this.#firsts.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#firsts[middle]! <= number) low = middle;
      else high = middle;
    }
    return low;
  }
}
