import type { Batch, Epoch } from '../../batch/index.ts';
import type { ReadableRelation } from '../../spi/index.ts';
import type { EpochMark, OutputListener } from '../task/task.ts';
import type { TaskOutput } from '../task/task-output.ts';

/** Where a tap puts the net change of an epoch; null: the epochs from `after` are not retained any more. */
export type SubscriptionTapSink = (epoch: Epoch, batches: readonly Batch[] | null) => void;

/**
 * A subscription's part in one subtask. Of a materialised relation it takes each epoch's net change from the retained deltas, from the epoch after
 * `after`; of any other what is emitted from the next epoch boundary on, which `sink` learns as an empty change of the epoch before.
 */
export class SubscriptionTap implements OutputListener {
  readonly #output: TaskOutput;
  readonly #readable: ReadableRelation | null;
  readonly #sink: SubscriptionTapSink;
  #collected: Batch[] = [];
  #started = false;

  constructor(parts: { output: TaskOutput; readable: ReadableRelation | null; after: Epoch; sink: SubscriptionTapSink }) {
    this.#output = parts.output;
    this.#readable = parts.readable;
    this.#sink = parts.sink;
    if (parts.readable !== null) this.#sendRetained(parts.readable, parts.after);
    else this.#started = parts.output.atBoundary;
    parts.output.addListener(this);
  }

  batch(batch: Batch): void {
    if (this.#readable === null && this.#started) this.#collected.push(batch);
  }

  barrier(mark: EpochMark): void {
    if (this.#readable !== null) this.#sink(mark.epoch, this.#readable.changes(mark.epoch));
    else {
      this.#sink(mark.epoch, this.#collected);
      this.#collected = [];
      this.#started = true;
    }
  }

  hasCredit(): boolean {
    return true;
  }

  close(): void {
    this.#output.removeListener(this);
  }

  #sendRetained(readable: ReadableRelation, after: Epoch): void {
    for (let epoch = after + 1; epoch <= this.#output.lastEpoch; epoch++) this.#sink(epoch, readable.changes(epoch));
  }
}
