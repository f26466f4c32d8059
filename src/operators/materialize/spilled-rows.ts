import { type Batch, concatBatches, gatherBatch, hashRows, keyColumns, rowsByTarget, sliceBatch } from '../../batch/index.ts';
import type { ScratchRuns } from '../../runtime/index.ts';
import { compactBytes, consolidate } from '../shared/index.ts';

const BUCKETS_MIN = 16;
const BUCKETS_MAX = 16_384;
/** Of the memory limit, for a bucket: what is written at once should be worth a value of its own. */
const BUCKET_BYTES_MIN = 8192;
/** Of a run in memory: its number and sizes. */
const RUN_BYTES = 48;

/** Rows of one bucket in the scratch. */
interface Run {
  readonly number: number;
  readonly rowCount: number;
}

/** Rows that wait to be written, in the order of their buckets. */
interface Waiting {
  readonly rows: Batch;
  /** Where the rows of each bucket begin; one more for the end. */
  readonly offsets: Int32Array;
}

export interface SpilledRowsOptions {
  readonly runs: ScratchRuns;
  /** Columns whose values decide the bucket. */
  readonly keys: readonly number[];
  /** Bytes that may be in memory just now. */
  readonly bytesMax: () => number;
  /** Called with all rows of a bucket, net. Throws where they cannot be. */
  readonly check: (rows: Batch) => void;
}

/**
 * Rows with weights outside memory, as a log-structured merge tree of each bucket of keys: what comes waits in memory until it is worth writing, a bucket is a few runs in
 * the scratch, each at least twice the next one, and its content is the net of them all. So a change is never a reason to read, and a row is
 * written again about as often as its bucket has doubled since.
 */
export class SpilledRows {
  readonly bucketCount: number;
  readonly #options: SpilledRowsOptions;
  readonly #runs: ScratchRuns;
  readonly #byBucket: Run[][];
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #runCount = 0;

  constructor(options: SpilledRowsOptions) {
    this.#options = options;
    this.#runs = options.runs;
    let buckets = BUCKETS_MIN;
    while (buckets < BUCKETS_MAX && buckets * 2 * BUCKET_BYTES_MIN <= options.bytesMax()) buckets *= 2;
    this.bucketCount = buckets;
    this.#byBucket = Array.from({ length: buckets }, () => []);
  }

  /** In memory. */
  get sizeBytes(): number {
    return this.#waitingBytes + this.#runCount * RUN_BYTES + this.bucketCount * 8;
  }

  /** The bucket of each row. */
  of(rows: Batch): Int32Array {
    return this.bucketsOf(rows, this.#options.keys);
  }

  /** The same, for rows that have the keys in other columns. */
  bucketsOf(rows: Batch, keys: readonly number[]): Int32Array {
    const hashes = new Uint32Array(rows.rowCount);
    hashRows(keyColumns(rows, keys), rows.rowCount, hashes);
    const buckets = new Int32Array(rows.rowCount);
    // Rows are here by their key groups, which are remainders of the hash, so buckets are made of other bits.
    for (let row = 0; row < rows.rowCount; row++)
      buckets[row] = (Math.imul(hashes[row]! ^ (hashes[row]! >>> 15), 0x2c1b3c6d) >>> 16) & (this.bucketCount - 1);
    return buckets;
  }

  add(rows: Batch): void {
    if (rows.rowCount === 0) return;
    let added = this.#ordered(rows);
    for (let last = this.#waiting.at(-1); last !== undefined && last.rows.rowCount <= 2 * added.rows.rowCount; last = this.#waiting.at(-1)) {
      this.#waiting.pop();
      this.#waitingBytes -= compactBytes(last.rows);
      added = this.#ordered(consolidate(concatBatches([last.rows, added.rows])));
    }
    this.#waiting.push(added);
    this.#waitingBytes += compactBytes(added.rows);
    if (this.sizeBytes > this.#options.bytesMax()) this.#write();
  }

  /** Rows of the buckets [start, end), whose net is their content. */
  parts(start: number, end: number): Batch[] {
    const parts: Batch[] = [];
    for (const { rows, offsets } of this.#waiting) {
      if (offsets[end]! > offsets[start]!) parts.push(sliceBatch(rows, offsets[start]!, offsets[end]!));
    }
    for (let bucket = start; bucket < end; bucket++) for (const { number } of this.#byBucket[bucket]!) parts.push(this.#runs.read(number));
    return parts;
  }

  /** The same, for the last time: nothing of them is left in the scratch. What waits stays where it is. */
  take(start: number, end: number): Batch[] {
    const parts = this.parts(start, end);
    for (let bucket = start; bucket < end; bucket++) for (const { number } of this.#byBucket[bucket]!.splice(0)) this.#runs.take(number);
    return parts;
  }

  /** The first bucket behind `start` and as many more as have about `rowCount` rows together. */
  endOf(start: number, rowCount: number): number {
    let end = start;
    for (let rows = 0; end < this.bucketCount && (end === start || rows < rowCount); end++) {
      for (const run of this.#byBucket[end]!) rows += run.rowCount;
      for (const { offsets } of this.#waiting) rows += offsets[end + 1]! - offsets[end]!;
    }
    return end;
  }

  #ordered(rows: Batch): Waiting {
    const order = rowsByTarget(this.of(rows), rows.rowCount, this.bucketCount);
    return { rows: gatherBatch(rows, order.rows, rows.rowCount), offsets: order.offsets };
  }

  /** All that waits becomes runs. */
  #write(): void {
    const [only, ...more] = this.#waiting;
    if (only === undefined) return;
    const all = more.length === 0 ? only : this.#ordered(consolidate(concatBatches([only, ...more].map(({ rows }) => rows))));
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (let bucket = 0; bucket < this.bucketCount; bucket++) {
      const [start, end] = [all.offsets[bucket]!, all.offsets[bucket + 1]!];
      if (end > start) this.#writeRun(this.#byBucket[bucket]!, sliceBatch(all.rows, start, end));
    }
  }

  #writeRun(runs: Run[], rows: Batch): void {
    const merged = [rows];
    let rowCount = rows.rowCount;
    for (let last = runs.at(-1); last !== undefined && last.rowCount <= 2 * rowCount; last = runs.at(-1)) {
      runs.pop();
      this.#runCount--;
      const older = this.#runs.take(last.number);
      merged.push(older);
      rowCount += older.rowCount;
    }
    const net = merged.length === 1 ? rows : consolidate(concatBatches(merged));
    if (runs.length === 0) this.#options.check(net);
    if (net.rowCount === 0) return;
    runs.push({ number: this.#runs.put(net), rowCount: net.rowCount });
    this.#runCount++;
  }
}
