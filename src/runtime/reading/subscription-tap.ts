import type { Batch, Epoch } from '../../batch/index.ts';
import type { ReadableRelation } from '../../spi/index.ts';
import type { EpochMark, OutputListener } from '../task/task.ts';
import type { TaskOutput } from '../task/task-output.ts';

/** Where a subscription begins: behind an epoch, or with what is held of epochs whose time is later than `sinceMicros`. */
export type ChangesFrom = { readonly after: Epoch } | { readonly sinceMicros: number };

/** Where a tap puts the net change of an epoch and its time, where that is known; null: the epochs from `after` are not retained any more. */
export type SubscriptionTapSink = (epoch: Epoch, timestampMicros: number | null, batches: readonly Batch[] | null) => void;

/**
 * A subscription's part in one subtask. Of a materialised relation it takes each epoch's net change from the retained deltas, from where it begins; of any other what is emitted from the next epoch boundary on, which `sink` learns as an empty change of the epoch before.
 */
export class SubscriptionTap implements OutputListener {
  readonly #output: TaskOutput;
  readonly #readable: ReadableRelation | null;
  readonly #sink: SubscriptionTapSink;
  #collected: Batch[] = [];
  #started = false;

  constructor(parts: { output: TaskOutput; readable: ReadableRelation | null; from: ChangesFrom; sink: SubscriptionTapSink }) {
    this.#output = parts.output;
    this.#readable = parts.readable;
    this.#sink = parts.sink;
    if (parts.readable !== null) this.#sendRetained(parts.readable, parts.from);
    else this.#started = parts.output.atBoundary;
    parts.output.addListener(this);
  }

  batch(batch: Batch): void {
    if (this.#readable === null && this.#started) this.#collected.push(batch);
  }

  barrier(mark: EpochMark): void {
    if (this.#readable !== null) this.#sink(mark.epoch, Number(mark.timestampMicros), this.#readable.changes(mark.epoch));
    else {
      this.#sink(mark.epoch, Number(mark.timestampMicros), this.#collected);
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

  #sendRetained(readable: ReadableRelation, from: ChangesFrom): void {
    if ('after' in from) {
      const times = new Map(readable.retainedSince?.(Number.NEGATIVE_INFINITY).map(({ epoch, timestampMicros }) => [epoch, timestampMicros]));
      for (let epoch = from.after + 1; epoch <= this.#output.lastEpoch; epoch++) this.#sink(epoch, times.get(epoch) ?? null, readable.changes(epoch));
      return;
    }
    for (const { epoch, timestampMicros, batch } of readable.retainedSince?.(from.sinceMicros) ?? []) {
      // The barrier of an epoch that has not gone out brings its change.
      if (epoch <= this.#output.lastEpoch) this.#sink(epoch, timestampMicros, [batch]);
    }
  }
}
