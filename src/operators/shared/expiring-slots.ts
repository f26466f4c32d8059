import type { FixedColumn } from '../../batch/index.ts';
import { eventTimeOf } from './event-time-of.ts';
import { grownFloat64 } from './grow-array.ts';

/** Slots expire together by buckets of about a second, so that many times make few lists. */
const BUCKET_MICROS = 2 ** 20;

/** Which slots expire when. */
export class ExpiringSlots {
  readonly #slackMicros: number;
  readonly #slotsByBucket = new Map<number, number[]>();
  #earliest = Number.POSITIVE_INFINITY;
  /** The bucket of each slot: one that was given back and taken again is in the lists of both rows. */
  #bucketOf: Float64Array<ArrayBuffer> = new Float64Array(64);

  constructor(slackMicros: number) {
    this.#slackMicros = slackMicros;
  }

  ensureCapacity(slotEnd: number): void {
    this.#bucketOf = grownFloat64(this.#bucketOf, slotEnd);
  }

  add(slot: number, times: FixedColumn, row: number): void {
    const time = eventTimeOf(times, row);
    // A row without time may still be taken back.
    const bucket = time === Number.NEGATIVE_INFINITY ? Number.NaN : Math.floor(time / BUCKET_MICROS);
    this.#bucketOf[slot] = bucket;
    if (Number.isNaN(bucket)) return;
    const slots = this.#slotsByBucket.get(bucket);
    if (slots === undefined) {
      this.#slotsByBucket.set(bucket, [slot]);
      this.#earliest = Math.min(this.#earliest, bucket);
    } else {
      slots.push(slot);
    }
  }

  /** Takes out the slots of times that are, slack included, below the bound; a slot may come twice, and those given back meanwhile come too. */
  take(boundMicros: number): number[] {
    const end = Math.floor((boundMicros - this.#slackMicros) / BUCKET_MICROS);
    if (this.#earliest >= end) return [];
    const taken: number[] = [];
    this.#earliest = Number.POSITIVE_INFINITY;
    for (const [bucket, slots] of this.#slotsByBucket) {
      if (bucket >= end) {
        this.#earliest = Math.min(this.#earliest, bucket);
        continue;
      }
      this.#slotsByBucket.delete(bucket);
      for (const slot of slots) if (this.#bucketOf[slot] === bucket) taken.push(slot);
    }
    return taken;
  }
}
