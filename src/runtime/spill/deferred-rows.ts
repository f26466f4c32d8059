import { BATCH_ROWS_TARGET, type Batch, concatBatches, gatherBatch, rowsByTarget, sliceBatch } from '../../batch/index.ts';
import { approximateBytes } from '../channel/index.ts';
import type { ScratchRuns } from './scratch-runs.ts';

/** Parts of an epoch's rows that are processed one after the other, each with state of its own. */
const PORTIONS = 128;

interface Piece {
  readonly input: number;
  /** A batch in memory, or the number of one in the scratch. */
  readonly rows: Batch | number;
}

/**
 * Rows whose buckets are not in memory, put off to the end of the epoch: in portions by bucket, in the scratch when there are many. Rows of a key keep their order within an
 * input.
 */
export class DeferredRows {
  readonly #runs: ScratchRuns;
  readonly #bytesMax: number;
  readonly #pieces: Piece[][] = Array.from({ length: PORTIONS }, () => []);
  /** By input. */
  #fresh: { readonly batches: Batch[]; readonly portions: Int32Array[] }[] = [];
  #bytes = 0;
  #rowCount = 0;

  constructor(runs: ScratchRuns, bytesMax: number) {
    this.#runs = runs;
    this.#bytesMax = bytesMax;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /** In memory. */
  get sizeBytes(): number {
    return this.#bytes;
  }

  add(input: number, batch: Batch, buckets: Int32Array): void {
    while (this.#fresh.length <= input) this.#fresh.push({ batches: [], portions: [] });
    this.#fresh[input]!.batches.push(batch);
    this.#fresh[input]!.portions.push(buckets.map((bucket) => bucket % PORTIONS));
    this.#rowCount += batch.rowCount;
    this.#bytes += approximateBytes(batch);
    if (this.#bytes <= this.#bytesMax) return;
    this.#split((rows) => this.#runs.put(rows));
    this.#bytes = 0;
  }

  /** The rows of the next portion there is, or null. Nothing is added until all have been taken. */
  next(): { readonly input: number; readonly batch: Batch }[] | null {
    this.#split((rows) => rows);
    const pieces = this.#pieces.find((portion) => portion.length > 0)?.splice(0);
    if (pieces === undefined) {
      this.#bytes = 0;
      return null;
    }
    const batches = pieces.flatMap(({ input, rows }) =>
      inBatches(typeof rows === 'number' ? this.#runs.take(rows) : rows).map((batch) => ({ input, batch })),
    );
    for (const { batch } of batches) this.#rowCount -= batch.rowCount;
    return batches;
  }

  #split(keep: (rows: Batch) => Batch | number): void {
    for (const [input, { batches, portions }] of this.#fresh.entries()) {
      if (batches.length === 0) continue;
      const rows = concatBatches(batches);
      const targets = new Int32Array(rows.rowCount);
      let at = 0;
      for (const part of portions) {
        targets.set(part, at);
        at += part.length;
      }
      const ordered = rowsByTarget(targets, rows.rowCount, PORTIONS);
      for (let portion = 0; portion < PORTIONS; portion++) {
        const selection = ordered.rows.subarray(ordered.offsets[portion]!, ordered.offsets[portion + 1]!);
        if (selection.length > 0) this.#pieces[portion]!.push({ input, rows: keep(gatherBatch(rows, selection, selection.length)) });
      }
    }
    this.#fresh = [];
  }
}

function inBatches(rows: Batch): Batch[] {
  const batches: Batch[] = [];
  for (let start = 0; start < rows.rowCount; start += BATCH_ROWS_TARGET) {
    batches.push(sliceBatch(rows, start, Math.min(rows.rowCount, start + BATCH_ROWS_TARGET)));
  }
  return batches;
}
