import { type Batch, sliceBatch } from '../../batch/index.ts';
import type { Output } from '../../spi/index.ts';

/** Emits a large batch in slices of the size batches aim at. */
export function emitInBatches(batch: Batch, batchRows: number, out: Output): void {
  for (let start = 0; start < batch.rowCount; start += batchRows) {
    out.emit(sliceBatch(batch, start, Math.min(batch.rowCount, start + batchRows)));
  }
}
