import { grownFloat64, TouchedGroups } from '../shared/index.ts';

/** Bits of a presence. */
export const PRESENT_BEFORE = 1;
export const PRESENT_NOW = 2;

/** Numbers by a small integer, as they are now and as they were when the epoch began. */
export class EpochCounts {
  readonly #changed = new TouchedGroups();
  #now: Float64Array<ArrayBuffer> = new Float64Array(64);
  #before: Float64Array<ArrayBuffer> = new Float64Array(64);

  ensureCapacity(end: number): void {
    this.#now = grownFloat64(this.#now, end);
    this.#before = grownFloat64(this.#before, end);
    this.#changed.ensureCapacity(end);
  }

  now(index: number): number {
    return this.#now[index]!;
  }

  before(index: number): number {
    return this.#changed.has(index) ? this.#before[index]! : this.#now[index]!;
  }

  set(index: number, value: number): void {
    if (this.#changed.add(index)) this.#before[index] = this.#now[index]!;
    this.#now[index] = value;
  }

  /** As it was when the epoch began, too. */
  restore(index: number, value: number): void {
    this.#now[index] = value;
  }

  add(index: number, amount: number): void {
    this.set(index, this.#now[index]! + amount);
  }

  /** PRESENT_BEFORE where the number was not 0, PRESENT_NOW where it is not. */
  presence(index: number): number {
    return (this.before(index) === 0 ? 0 : PRESENT_BEFORE) | (this.#now[index] === 0 ? 0 : PRESENT_NOW);
  }

  /** Those that have become 0, or are not any more. */
  flipped(): Int32Array {
    const { list, count } = this.#changed;
    return list.subarray(0, count).filter((index) => (this.#before[index] === 0) !== (this.#now[index] === 0));
  }

  endEpoch(): void {
    this.#changed.clear();
  }
}
