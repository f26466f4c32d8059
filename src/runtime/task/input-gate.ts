import { assert } from '../../base/index.ts';
import { type Barrier, type Batch, MAX_WATERMARK } from '../../batch/index.ts';
import type { ChannelReader } from '../channel/index.ts';

/** An incoming channel: which logical input of the head operator it belongs to. `name` appears in assertion messages. */
export interface GateChannel {
  readonly name: string;
  readonly input: number;
  /** See InputDescription. */
  readonly ofHistory: boolean;
  readonly reader: ChannelReader;
}

/**
 * What the gate hands to the task. `epochEnd`: barrier `barrier` has arrived on every channel; `watermarkMicros` is the minimum over the inputs that have
 * one when it has advanced.
 */
export type GateEvent =
  | { readonly kind: 'data'; readonly input: number; readonly batch: Batch }
  | { readonly kind: 'epochEnd'; readonly barrier: Barrier; readonly watermarkMicros: bigint | null };

interface ChannelState {
  readonly channel: GateChannel;
  /** Newest watermark received, null while the channel has had none: an input without WATERMARK does not take part. */
  watermark: bigint | null;
  barrier: Barrier | null;
  finished: boolean;
}

/**
 * Merges the channels of a task: takes elements in turn, holds a channel back once its barrier has come until all have theirs
 * (aligned, the only kind there is), and merges watermarks. Watermarks are looked at when an epoch is aligned only: they travel in
 * front of the barrier, so all are known then, and the result does not depend on the order of arrival.
 */
export class InputGate {
  readonly #channels: ChannelState[];
  #next = 0;
  #waiting: number;
  #emitted: bigint | null = null;

  constructor(channels: readonly GateChannel[]) {
    this.#channels = channels.map((channel) => ({ channel, watermark: null, barrier: null, finished: false }));
    this.#waiting = channels.length;
  }

  /** The next event, or null when no channel that may be read has anything. */
  next(): GateEvent | null {
    const count = this.#channels.length;
    for (let tried = 0; tried < count; tried++) {
      const state = this.#channels[this.#next]!;
      this.#next = this.#next + 1 === count ? 0 : this.#next + 1;
      if (state.finished || state.barrier !== null) continue;
      const event = this.#readFrom(state);
      if (event !== null) return event;
    }
    return null;
  }

  #readFrom(state: ChannelState): GateEvent | null {
    for (;;) {
      const element = state.channel.reader.read();
      if (element === null) return null;
      if (element.kind === 'data') return { kind: 'data', input: state.channel.input, batch: element.batch };
      if (element.kind === 'watermark') {
        assert(state.watermark === null || element.micros >= state.watermark, `watermark of ${state.channel.name} went back`);
        state.watermark = element.micros;
        continue;
      }
      state.barrier = element;
      this.#waiting--;
      return this.#isAligned(element) ? this.#align() : null;
    }
  }

  /** Nothing has come over the other channels when a history has barriers of its own. */
  #isAligned({ history }: Barrier): boolean {
    if (history !== true) return this.#waiting === 0;
    return this.#channels.every((state) => state.finished || state.barrier !== null || !state.channel.ofHistory);
  }

  #align(): GateEvent {
    let merged: Barrier | null = null;
    let last = true;
    for (const state of this.#channels) {
      const { barrier } = state;
      if (barrier === null) continue;
      assert(merged === null || merged.epoch === barrier.epoch, `barrier ${barrier.epoch} of ${state.channel.name} meets barrier ${merged?.epoch}`);
      // A private reader's closing barrier knows no checkpoint, and the time of an older epoch; the shared channels decide.
      if (merged === null || !barrier.last) merged = barrier;
      last = last && barrier.last;
    }
    for (const state of this.#channels) {
      if (state.barrier === null) continue;
      state.finished = state.barrier.last;
      state.barrier = null;
      if (!state.finished) this.#waiting++;
    }
    return { kind: 'epochEnd', barrier: { ...merged!, last }, watermarkMicros: this.#advanceWatermark() };
  }

  #advanceWatermark(): bigint | null {
    // Input that has ended is complete, also where none of its channels ever carried a watermark: a private reader of a finished source sends none.
    let minimum: bigint | null = this.#channels.every((state) => state.finished) ? MAX_WATERMARK : null;
    for (const state of this.#channels) {
      if (state.watermark === null) continue;
      const value: bigint = state.finished ? MAX_WATERMARK : state.watermark;
      if (minimum === null || value < minimum) minimum = value;
    }
    if (minimum === null || (this.#emitted !== null && minimum <= this.#emitted)) return null;
    this.#emitted = minimum;
    return minimum;
  }
}
