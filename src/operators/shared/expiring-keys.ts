import { type Barrier, type Batch, type FixedColumn, MAX_WATERMARK } from '../../batch/index.ts';
import type { KeyExpiry } from '../spec/index.ts';
import { ExpiringSlots } from './expiring-slots.ts';
import { grownUint8 } from './grow-array.ts';

/** Numbers of keys that hold a time, until a clock has passed it. A number that is given back otherwise is told with `forget`. */
export class ExpiringKeys {
  readonly #expiry: KeyExpiry;
  readonly #slots = new ExpiringSlots(0);
  #noted: Uint8Array<ArrayBuffer> = new Uint8Array(64);
  /** No row below it will come or go any more. */
  #boundMicros = Number.NEGATIVE_INFINITY;

  constructor(expiry: KeyExpiry) {
    this.#expiry = expiry;
  }

  /** Notes the key of each row; `numbers[row]` is below `end`. */
  add(batch: Batch, numbers: Int32Array, end: number): void {
    this.#noted = grownUint8(this.#noted, end);
    this.#slots.ensureCapacity(end);
    const times = batch.columns[this.#expiry.column] as FixedColumn;
    for (let row = 0; row < batch.rowCount; row++) {
      if (this.#noted[numbers[row]!] === 1) continue;
      this.#noted[numbers[row]!] = 1;
      this.#slots.add(numbers[row]!, times, row);
    }
  }

  forget(numbers: Int32Array): void {
    for (const number of numbers) this.#noted[number] = 0;
  }

  watermark(micros: bigint): void {
    if (this.#expiry.clock === 'watermark') this.#advance(micros);
  }

  /** Takes out the keys that are done for as of a barrier. */
  take(barrier: Barrier): Int32Array {
    if (barrier.rowsFollow === true) return new Int32Array(0);
    if (this.#expiry.clock === 'epoch') this.#advance(barrier.last ? MAX_WATERMARK : barrier.timestampMicros);
    const taken = this.#slots.take(this.#boundMicros).filter((number) => {
      const isNoted = this.#noted[number] === 1;
      this.#noted[number] = 0;
      return isNoted;
    });
    return Int32Array.from(taken);
  }

  #advance(micros: bigint): void {
    this.#boundMicros = Math.max(this.#boundMicros, Number(micros - this.#expiry.latenessMicros));
  }
}
