import type { Batch } from '../../batch/index.ts';
import { isInterruptedRead } from '../../cluster/index.ts';

/** So many rows are held back until more come: what few rows have been read of can be read again. */
const HELD_ROWS_MAX = 2048;
/** A job that is cut off so often is not about to be read. */
const READS_MAX = 10;

/**
 * What `read` gives. A restart of a job that cuts it off before any row has been handed on is not for the reader to see: it begins anew, at an epoch of then.
 * So each call of `read` has to pin one of its own.
 */
export async function* readAgain(read: () => AsyncIterable<Batch>): AsyncGenerator<Batch> {
  for (let reads = 1; ; reads++) {
    let held: Batch[] | null = [];
    let heldRows = 0;
    try {
      for await (const batch of read()) {
        if (held !== null) {
          held.push(batch);
          heldRows += batch.rowCount;
          if (heldRows < HELD_ROWS_MAX) continue;
          const first: readonly Batch[] = held;
          held = null;
          yield* first;
        } else yield batch;
      }
      if (held !== null) yield* held;
      return;
    } catch (error) {
      if (held === null || reads === READS_MAX || !isInterruptedRead(error)) throw error;
    }
  }
}

/** All of it before the first of it, for whoever needs it whole: then it can be read again to its end. */
export async function* readWhole(read: AsyncIterable<Batch>): AsyncGenerator<Batch> {
  const batches: Batch[] = [];
  for await (const batch of read) batches.push(batch);
  yield* batches;
}
