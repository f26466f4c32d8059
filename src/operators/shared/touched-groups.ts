import { grownInt32, grownUint8 } from './grow-array.ts';

/** A set of small integers with its members in order of arrival; clearing costs its members only. */
export class TouchedGroups {
  #flags: Uint8Array<ArrayBuffer> = new Uint8Array(64);
  #list: Int32Array<ArrayBuffer> = new Int32Array(64);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The members, in `[0, count)`. */
  get list(): Int32Array {
    return this.#list;
  }

  ensureCapacity(groupEnd: number): void {
    this.#flags = grownUint8(this.#flags, groupEnd);
  }

  has(group: number): boolean {
    return this.#flags[group] === 1;
  }

  /** Adds the group; false when it was there. */
  add(group: number): boolean {
    if (this.#flags[group] === 1) return false;
    this.#flags[group] = 1;
    if (this.#count === this.#list.length) this.#list = grownInt32(this.#list, this.#count + 1);
    this.#list[this.#count++] = group;
    return true;
  }

  clear(): void {
    for (let index = 0; index < this.#count; index++) this.#flags[this.#list[index]!] = 0;
    this.#count = 0;
  }
}
