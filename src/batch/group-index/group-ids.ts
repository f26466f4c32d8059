import { growInt32 } from './grow-array.ts';

/** Hands out dense group ids and takes them back for reuse, the most recently freed first. */
export class GroupIds {
  #end = 0;
  #live = new Uint8Array(1024);
  #free = new Int32Array(16);
  #freeCount = 0;

  /** One above the highest id ever handed out. */
  get end(): number {
    return this.#end;
  }

  get liveCount(): number {
    return this.#end - this.#freeCount;
  }

  get sizeBytes(): number {
    return this.#live.byteLength + this.#free.byteLength;
  }

  allocate(): number {
    if (this.#freeCount > 0) {
      const reused = this.#free[--this.#freeCount]!;
      this.#live[reused] = 1;
      return reused;
    }
    if (this.#end === this.#live.length) {
      const grown = new Uint8Array(this.#live.length * 2);
      grown.set(this.#live);
      this.#live = grown;
    }
    this.#live[this.#end] = 1;
    return this.#end++;
  }

  /** Writes the free ids that the next `count` calls of `allocate` give, as far as there are any; returns how many. */
  reusable(count: number, out: Int32Array): number {
    const reused = Math.min(count, this.#freeCount);
    for (let at = 0; at < reused; at++) out[at] = this.#free[this.#freeCount - 1 - at]!;
    return reused;
  }

  /** As `count` calls of `allocate`. */
  take(count: number): void {
    for (let taken = 0; taken < count; taken++) this.allocate();
  }

  /** Live ids, ascending. */
  live(): Int32Array<ArrayBuffer> {
    const groups = new Int32Array(this.liveCount);
    let count = 0;
    for (let group = 0; group < this.#end; group++) if (this.#live[group] === 1) groups[count++] = group;
    return groups;
  }

  /** While `work` runs, `allocate` gives the live ids once more, ascending; it must take all of them. */
  takeLiveAgain(work: () => void): void {
    const free = this.#free;
    const freeCount = this.#freeCount;
    this.#free = this.live().reverse();
    this.#freeCount = this.#free.length;
    work();
    this.#free = free;
    this.#freeCount = freeCount;
  }

  release(group: number): void {
    this.#live[group] = 0;
    if (this.#freeCount === this.#free.length) this.#free = growInt32(this.#free, this.#freeCount + 1);
    this.#free[this.#freeCount++] = group;
  }

  clear(): void {
    this.#end = 0;
    this.#freeCount = 0;
  }

  isLive(group: number): boolean {
    return group < this.#end && this.#live[group] === 1;
  }
}
