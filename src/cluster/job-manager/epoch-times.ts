import type { Epoch } from '../../batch/index.ts';

const MICROS_PER_MS = 1000n;

/** When the epochs of the last while were cut, by epoch time. */
export class EpochTimes {
  /** Ascending in both. */
  #times: { readonly epoch: Epoch; readonly micros: bigint }[] = [];

  /** The newest epoch; an epoch noted before changes nothing. */
  note(epoch: Epoch, micros: bigint): void {
    if (epoch > (this.#times.at(-1)?.epoch ?? 0)) this.#times.push({ epoch, micros });
  }

  /** The newest epoch that was at least `ms` old when the newest one was cut; 0: none is known. */
  newestBefore(ms: number): Epoch {
    const cutoff = this.#cutoff(ms);
    return this.#times.findLast(({ micros }) => micros <= cutoff)?.epoch ?? 0;
  }

  /** Drops what no question of up to `ms` asks for. */
  forgetBefore(ms: number): void {
    const cutoff = this.#cutoff(ms);
    const first = this.#times.findLastIndex(({ micros }) => micros <= cutoff);
    if (first > 0) this.#times = this.#times.slice(first);
  }

  #cutoff(ms: number): bigint {
    return (this.#times.at(-1)?.micros ?? 0n) - BigInt(Math.ceil(ms)) * MICROS_PER_MS;
  }
}
