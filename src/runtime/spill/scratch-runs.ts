import { type Batch, decodeBatch, encodeBatch } from '../../batch/index.ts';
import type { Scratch } from '../../state/index.ts';

/** Above the numbers of all buckets and tables. */
const FIRST_RUN = 2 ** 40;

/** Batches put into a scratch for a while, in any number. */
export class ScratchRuns {
  readonly #scratch: Scratch;
  #next = FIRST_RUN;

  constructor(scratch: Scratch) {
    this.#scratch = scratch;
  }

  /** The number to take it back by. */
  put(batch: Batch): number {
    this.#scratch.put(this.#next, encodeBatch(batch));
    return this.#next++;
  }

  take(run: number): Batch {
    const batch = decodeBatch(this.#scratch.get(run)!);
    this.#scratch.remove(run);
    return batch;
  }
}
