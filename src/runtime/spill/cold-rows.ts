import { type Batch, concatBatches, decodeBatch, encodeBatch } from '../../batch/index.ts';
import type { Scratch } from '../../spi/index.ts';

/** Rows of state tables in the scratch, by bucket. */
export class ColdRows {
  readonly #scratch: Scratch;
  readonly #tables: number;
  /** By table. */
  readonly rowCounts: number[];
  readonly bytes: number[];

  constructor(scratch: Scratch, tables: number) {
    this.#scratch = scratch;
    this.#tables = tables;
    this.rowCounts = new Array<number>(tables).fill(0);
    this.bytes = [...this.rowCounts];
  }

  /** Puts rows of a table, all of one bucket. */
  put(table: number, bucket: number, rows: Batch): void {
    const encoded = encodeBatch(rows);
    this.#scratch.put(bucket * this.#tables + table, encoded);
    this.bytes[table]! += encoded.length;
    this.rowCounts[table]! += rows.rowCount;
  }

  /** The same, beside those of the bucket that may be there. */
  add(table: number, bucket: number, rows: Batch): void {
    const before = this.take(table, [bucket]);
    this.put(table, bucket, before === null ? rows : concatBatches([before, rows]));
  }

  /** Takes the rows of some buckets out; null where there are none. */
  take(table: number, buckets: readonly number[]): Batch | null {
    const parts: Batch[] = [];
    for (const bucket of buckets) {
      const key = bucket * this.#tables + table;
      const stored = this.#scratch.get(key);
      if (stored === undefined) continue;
      this.#scratch.remove(key);
      this.bytes[table]! -= stored.length;
      parts.push(decodeBatch(stored));
    }
    if (parts.length === 0) return null;
    const rows = concatBatches(parts);
    this.rowCounts[table]! -= rows.rowCount;
    return rows;
  }
}
