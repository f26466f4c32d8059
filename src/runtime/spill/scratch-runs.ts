import { type Batch, decodeBatch, encodeBatch } from '../../batch/index.ts';
import type { Scratch } from '../../spi/index.ts';

/** Above the numbers of all buckets and tables. */
const FIRST_RUN = 2 ** 40;

/** Batches put into a scratch for a while, in any number. */
export class ScratchRuns {
  readonly #scratch: Scratch;
  #next = FIRST_RUN;
  #bytes = 0;

  constructor(scratch: Scratch) {
    this.#scratch = scratch;
  }

  /** What lies there. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The number to take it back by. */
  put(batch: Batch): number {
    const encoded = encodeBatch(batch);
    this.#bytes += encoded.length;
    this.#scratch.put(this.#next, encoded);
    return this.#next++;
  }

  read(run: number): Batch {
    return decodeBatch(this.#scratch.get(run)!);
  }

  take(run: number): Batch {
    const encoded = this.#scratch.get(run)!;
    this.#scratch.remove(run);
    this.#bytes -= encoded.length;
    return decodeBatch(encoded);
  }
}
