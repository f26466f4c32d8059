import type { Random } from '../../base/index.ts';
import type { Row } from './operator-harness.ts';

const SECOND = 1_000_000n;
/** Rows come with times from the watermark on to that far above it. */
const SPREAD_SECONDS = 20;

/** A random changelog with event times: no row comes, or is taken back, behind the watermark. */
export class TimedChanges {
  readonly #random: Random;
  readonly #make: (random: Random, time: bigint | null) => Row;
  readonly #timeOf: (row: Row) => bigint | null;
  readonly present: Row[] = [];

  /** `make` gives a row of a time, `timeOf` reads it; both know NULL. */
  constructor(random: Random, make: (random: Random, time: bigint | null) => Row, timeOf: (row: Row) => bigint | null) {
    this.#random = random;
    this.#make = make;
    this.#timeOf = timeOf;
  }

  /** Some changes in a random order, applied to `present`. */
  next(count: number, watermark: bigint): { readonly rows: Row[]; readonly weights: number[] } {
    const rows: Row[] = [];
    const weights: number[] = [];
    const add = (row: Row, weight: number): void => {
      rows.push(row);
      weights.push(weight);
    };
    for (let at = 0; at < count; at++) {
      const open = this.present.filter((row) => (this.#timeOf(row) ?? watermark) >= watermark);
      if (open.length > 0 && this.#random.nextInt(100) < 40) {
        const gone = open[this.#random.nextInt(open.length)]!;
        this.present.splice(this.present.indexOf(gone), 1);
        add(gone, -1);
        continue;
      }
      const time = this.#random.nextInt(8) === 0 ? null : watermark + BigInt(this.#random.nextInt(SPREAD_SECONDS)) * SECOND;
      const row = this.#make(this.#random, time);
      this.present.push(row);
      add(row, 1);
    }
    return { rows, weights };
  }
}
