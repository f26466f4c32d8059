import { Batch, gatherBatch } from '../../batch/index.ts';

/** Pairs of a probing row and a stored row's slot, in [0, count). Arrays are used again for the next portion: who keeps them copies them. */
export interface Matches {
  readonly count: number;
  readonly rows: Int32Array;
  readonly slots: Int32Array;
  /** Product of both multiplicities. */
  readonly weights: Int32Array;
}

/** Collects pairs and hands them on in portions. */
export class MatchCollector {
  readonly #take: (matches: Matches) => void;
  readonly #rows: Int32Array;
  readonly #slots: Int32Array;
  readonly #weights: Int32Array;
  #count = 0;

  constructor(portion: number, take: (matches: Matches) => void) {
    this.#take = take;
    this.#rows = new Int32Array(portion);
    this.#slots = new Int32Array(portion);
    this.#weights = new Int32Array(portion);
  }

  add(row: number, slot: number, weight: number): void {
    const at = this.#count++;
    this.#rows[at] = row;
    this.#slots[at] = slot;
    this.#weights[at] = weight;
    if (this.#count === this.#rows.length) this.flush();
  }

  /** Hands on what is left. */
  flush(): void {
    const count = this.#count;
    this.#count = 0;
    if (count > 0) this.#take({ count, rows: this.#rows, slots: this.#slots, weights: this.#weights });
  }
}

/** The same pairs in order of their slots. */
export function bySlot({ count, rows, slots, weights }: Matches): Matches {
  const order = Int32Array.from({ length: count }, (_, index) => index).sort((left, right) => slots[left]! - slots[right]!);
  return { count, rows: picked(rows, order), slots: picked(slots, order), weights: picked(weights, order) };
}

/** A pair of weight n comes n times. */
export function repeatedPairs(matches: Matches): Matches {
  const { count, weights } = matches;
  let total = 0;
  for (let index = 0; index < count; index++) total += weights[index]!;
  if (total === count) return matches;
  const order = new Int32Array(total);
  let at = 0;
  for (let index = 0; index < count; index++) for (let times = 0; times < weights[index]!; times++) order[at++] = index;
  return { count: total, rows: picked(matches.rows, order), slots: picked(matches.slots, order), weights: new Int32Array(total).fill(1) };
}

function picked(values: Int32Array, order: Int32Array): Int32Array {
  return order.map((index) => values[index]!);
}

/** Rows without weights; one with weight n is there n times. */
export function repeatedByWeight(batch: Batch): Batch {
  const { weights, rowCount, columns } = batch;
  const plain = new Batch(rowCount, columns);
  if (weights === null) return plain;
  let total = 0;
  for (let row = 0; row < rowCount; row++) total += weights[row]!;
  const selection = new Int32Array(total);
  let count = 0;
  for (let row = 0; row < rowCount; row++) for (let times = 0; times < weights[row]!; times++) selection[count++] = row;
  return gatherBatch(plain, selection, total);
}
