import type { SqlErrorFields } from '../../base/index.ts';
import { toSqlError } from '../../base/index.ts';
import { type Batch, encodeBatch } from '../../batch/index.ts';
import type { StepResult } from '../../runtime/index.ts';

/** Answers a scan may be ahead of its reader. */
const ANSWERS_AHEAD_MAX = 4;
/** Encoded bytes one answer aims at. */
const ANSWER_BYTES_TARGET = 256 * 1024;

export type ScanAnswer = (batches: readonly Uint8Array[], done: boolean, error: SqlErrorFields | null) => void;

/** Reads a relation's content in this slot in slices, a step each, as far ahead as the reader allows. */
export class SlotScan {
  readonly #contents: Iterator<Batch>[];
  readonly #answer: ScanAnswer;
  #credit = ANSWERS_AHEAD_MAX;
  #done = false;

  constructor(contents: readonly Iterator<Batch>[], answer: ScanAnswer) {
    this.#contents = [...contents];
    this.#answer = answer;
  }

  more(): void {
    this.#credit++;
  }

  close(): void {
    this.#done = true;
  }

  step(): StepResult {
    if (this.#done) return 'finished';
    if (this.#credit === 0) return 'blocked';
    this.#credit--;
    try {
      const batches = this.#slice();
      this.#done = this.#contents.length === 0;
      this.#answer(batches, this.#done, null);
    } catch (error) {
      this.#done = true;
      this.#answer([], true, toSqlError(error).fields());
    }
    return 'progress';
  }

  #slice(): Uint8Array[] {
    const batches: Uint8Array[] = [];
    let bytes = 0;
    while (this.#contents.length > 0 && bytes < ANSWER_BYTES_TARGET) {
      const next = this.#contents[0]!.next();
      if (next.done === true) {
        this.#contents.shift();
        continue;
      }
      if (next.value.rowCount === 0) continue;
      const encoded = encodeBatch(next.value);
      batches.push(encoded);
      bytes += encoded.length;
    }
    return batches;
  }
}
