import type { Random } from '../../base/index.ts';
import type { Row } from './operator-harness.ts';

/** A random changelog over rows from `make`: mostly inserts, retractions only of what is there. */
export class RandomChanges {
  readonly #random: Random;
  readonly #make: (random: Random) => Row;
  readonly present: Row[] = [];

  constructor(random: Random, make: (random: Random) => Row) {
    this.#random = random;
    this.#make = make;
  }

  /** Some changes in a random order, applied to `present`. */
  next(count: number): { readonly rows: Row[]; readonly weights: number[] } {
    const rows: Row[] = [];
    const weights: number[] = [];
    for (let at = 0; at < count; at++) {
      if (this.present.length > 0 && this.#random.nextInt(100) < 45) {
        const gone = this.#random.nextInt(this.present.length);
        rows.push(this.present[gone]!);
        weights.push(-1);
        this.present.splice(gone, 1);
      } else {
        const row = this.#make(this.#random);
        rows.push(row);
        weights.push(1);
        this.present.push(row);
      }
    }
    return { rows, weights };
  }
}
