import { type Batch, concatBatches, type Epoch } from '../../batch/index.ts';
import type { HeldChange, PinnedDeltas } from '../../spi/index.ts';
import { compactBytes } from '../shared/index.ts';

interface Delta {
  readonly epoch: Epoch;
  readonly timestampMicros: number;
  readonly batch: Batch;
  readonly bytes: number;
}

/** Deltas of the epochs that somebody may still read, ascending. The oldest may be there for pinned epochs alone; what those take is counted. */
export class RetainedDeltas {
  readonly #deltas: Delta[] = [];
  /** Deltas from the front that are there for pins alone. */
  #pinnedCount = 0;
  #pinnedBytes = 0;
  #lost: Epoch = Number.NEGATIVE_INFINITY;

  /** The newest epoch whose delta has been let go: epochs before it cannot be read any more. */
  get lost(): Epoch {
    return this.#lost;
  }

  add(delta: HeldChange): void {
    this.#deltas.push({ ...delta, bytes: compactBytes(delta.batch) });
  }

  /** A part of an older epoch's delta, from state. To be called before anything is added. */
  restore(delta: HeldChange): void {
    const { epoch, batch } = delta;
    const index = this.#firstBehind(epoch - 1);
    const same = this.#deltas[index];
    if (same?.epoch !== epoch) this.#deltas.splice(index, 0, { ...delta, bytes: compactBytes(batch) });
    else this.#deltas[index] = { ...same, batch: concatBatches([same.batch, batch]), bytes: same.bytes + compactBytes(batch) };
  }

  at(epoch: Epoch): Batch | null {
    const delta = this.#deltas[this.#firstBehind(epoch - 1)];
    return delta?.epoch === epoch ? delta.batch : null;
  }

  since(epoch: Epoch): readonly Batch[] {
    return this.#deltas.slice(this.#firstBehind(epoch)).map(({ batch }) => batch);
  }

  /** Of epochs whose time is later than `micros`. */
  laterThan(micros: number): readonly HeldChange[] {
    return this.#deltas.filter(({ timestampMicros }) => timestampMicros > micros);
  }

  release(epoch: Epoch): void {
    const gone = this.#deltas.splice(0, this.#firstBehind(epoch));
    this.#lost = gone.at(-1)?.epoch ?? this.#lost;
    const released = gone.slice(0, this.#pinnedCount);
    for (const { bytes } of released) this.#pinnedBytes -= bytes;
    this.#pinnedCount -= released.length;
  }

  pinnedThrough(epoch: Epoch): void {
    const end = this.#firstBehind(epoch);
    for (; this.#pinnedCount < end; this.#pinnedCount++) this.#pinnedBytes += this.#deltas[this.#pinnedCount]!.bytes;
  }

  bytes(): number {
    return this.#deltas.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  pinned(): PinnedDeltas {
    return { bytes: this.#pinnedBytes, oldest: this.#pinnedCount === 0 ? null : this.#deltas[0]!.epoch };
  }

  #firstBehind(epoch: Epoch): number {
    let [low, high] = [0, this.#deltas.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#deltas[middle]!.epoch <= epoch) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
