import type { Batch } from '../../batch/index.ts';
import type { BatchEncoder } from './result-sender.ts';
import type { WireBuffer } from './wire-buffer.ts';

/** Walks the rows of one batch in parts. A row of weight n is written n times, so a batch may have more rows on the wire than in memory. */
export abstract class WeightedRowsEncoder implements BatchEncoder {
  protected readonly batch: Batch;
  #row = 0;
  /** How often the current row has been written. */
  #repeated = 0;

  constructor(batch: Batch) {
    this.batch = batch;
  }

  get done(): boolean {
    return this.#row >= this.batch.rowCount;
  }

  /** Writes rows until the batch is used up, `rowsMax` are written, or the buffer holds `bytesMax`; returns how many it wrote. */
  encode(out: WireBuffer, rowsMax: number, bytesMax: number): number {
    const { rowCount, weights } = this.batch;
    let written = 0;
    while (this.#row < rowCount && written < rowsMax && out.position < bytesMax) {
      const start = out.position;
      try {
        this.encodeRow(out, this.#row);
      } catch (error) {
        // Half a message must never leave: what follows is the ErrorResponse.
        out.position = start;
        throw error;
      }
      written++;
      this.#repeated++;
      if (weights === null || this.#repeated >= weights[this.#row]!) {
        this.#row++;
        this.#repeated = 0;
      }
    }
    return written;
  }

  /** Writes one row as one whole message. */
  protected abstract encodeRow(out: WireBuffer, row: number): void;
}
