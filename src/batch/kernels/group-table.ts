import type { FixedColumn } from '../column.ts';
import { createKernels, type KernelExports } from './kernel-module.ts';

const CONFIG_WORDS = 10;
const PAGE_BYTES = 65_536;

/** Options of a call that may make groups. */
export interface GroupOptions {
  /** A bit for each column with validity bytes. */
  readonly nullable: number;
  /** Free ids that were put in, to be used before new ones. */
  readonly reusable: number;
  readonly firstId: number;
}

/**
 * A hash table from keys of fixed width to ids in kernel memory, with an instance of its own. Handles a chunk of rows at a time: keys and free ids
 * are put in, ids and keys that were new are read. Arrays handed out are good until the next call. Tables lie one behind the other, each at least
 * twice as large as the one before, so that half of the memory at most is waste.
 */
export class GroupTable {
  readonly #kernels: KernelExports = createKernels();
  readonly #columnCount: number;
  readonly #chunkRows: number;
  readonly #slotBytes: number;
  readonly #keys: number;
  readonly #valids: number;
  readonly #groups: number;
  readonly #freeIds: number;
  readonly #newKeys: number;
  readonly #newNulls: number;
  readonly #packed: number;
  #end: number;
  #words: Int32Array<ArrayBuffer>;
  #bytes: Uint8Array<ArrayBuffer>;
  #slotCount = 0;

  constructor(columnCount: number, chunkRows: number) {
    this.#columnCount = columnCount;
    this.#chunkRows = chunkRows;
    this.#slotBytes = 8 + 8 * columnCount;
    const config = (this.#kernels.heapBase() + 15) & ~15;
    this.#keys = config + ((CONFIG_WORDS * 4 + 15) & ~15);
    this.#valids = this.#keys + columnCount * chunkRows * 8;
    this.#groups = this.#valids + columnCount * chunkRows;
    this.#freeIds = this.#groups + chunkRows * 4;
    this.#newKeys = this.#freeIds + chunkRows * 4;
    this.#newNulls = this.#newKeys + columnCount * chunkRows * 8;
    this.#packed = this.#newNulls + chunkRows * 4;
    this.#end = this.#packed + chunkRows * this.#slotBytes;
    this.#words = new Int32Array(this.#kernels.memory.buffer);
    this.#bytes = new Uint8Array(this.#kernels.memory.buffer);
    this.#reserve(this.#end);
    const columns = [columnCount, this.#keys, chunkRows * 8, this.#valids, chunkRows];
    this.#words.set([...columns, this.#groups, this.#freeIds, this.#newKeys, this.#newNulls, this.#packed], config >> 2);
    this.#kernels.startGroups(config);
  }

  /** A power of two, or 0 at first. */
  get slotCount(): number {
    return this.#slotCount;
  }

  get sizeBytes(): number {
    return this.#kernels.memory.buffer.byteLength;
  }

  /** Goes on in a table of `slotCount` slots, a power of two; what the one before holds is moved with the rows to come. */
  enlarge(slotCount: number): void {
    if (slotCount === this.#slotCount) return;
    const address = this.#end;
    this.#end += slotCount * this.#slotBytes;
    this.#reserve(this.#end);
    this.#kernels.enlargeGroups(address, slotCount);
    this.#slotCount = slotCount;
  }

  move(slotCount: number): void {
    this.#kernels.moveGroups(slotCount);
  }

  /** Puts in rows [start, start + rows) of the keys; returns a bit for each column with validity bytes. */
  putKeys(columns: readonly FixedColumn[], start: number, rows: number): number {
    let nullable = 0;
    for (let index = 0; index < columns.length; index++) {
      const { i32, valid } = columns[index]!;
      this.#words.set(i32.subarray(2 * start, 2 * (start + rows)), (this.#keys >> 2) + index * this.#chunkRows * 2);
      if (valid === null) continue;
      nullable |= 1 << index;
      this.#bytes.set(valid.subarray(start, start + rows), this.#valids + index * this.#chunkRows);
    }
    return nullable;
  }

  /** Where ids to use again go. */
  freeIds(): Int32Array {
    return this.#view(this.#freeIds, this.#chunkRows);
  }

  /** Finds the groups of the keys put in and makes those that are missing; returns how many. */
  group(rows: number, { nullable, reusable, firstId }: GroupOptions): number {
    return this.#kernels.groupRows(rows, nullable, reusable, firstId, 1);
  }

  /** Finds the groups of the keys put in, -1 where there is none. */
  find(rows: number, nullable: number): void {
    this.#kernels.groupRows(rows, nullable, 0, 0, 0);
  }

  groups(rows: number): Int32Array {
    return this.#view(this.#groups, rows);
  }

  /** A column of the keys that were new, two words each. */
  newKeys(column: number, count: number): Int32Array {
    return this.#view(this.#newKeys + column * this.#chunkRows * 8, 2 * count);
  }

  hasNewNulls(): boolean {
    return this.#kernels.nullBitsOfNew() !== 0;
  }

  newNulls(count: number): Int32Array {
    return this.#view(this.#newNulls, count);
  }

  /** Forgets a key, given as columns of two words a row. */
  remove(columns: readonly Int32Array[], nulls: number, row: number): void {
    const at = this.#packed >> 2;
    this.#words[at + 1] = nulls;
    for (let index = 0; index < this.#columnCount; index++) {
      this.#words[at + 2 * index + 2] = columns[index]![2 * row]!;
      this.#words[at + 2 * index + 3] = columns[index]![2 * row + 1]!;
    }
    this.#kernels.removeGroup();
  }

  clear(): void {
    this.#kernels.clearGroups();
  }

  #view(address: number, length: number): Int32Array {
    return this.#words.subarray(address >> 2, (address >> 2) + length);
  }

  #reserve(end: number): void {
    const { memory } = this.#kernels;
    const missing = end - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
    if (this.#words.buffer === memory.buffer) return;
    this.#words = new Int32Array(memory.buffer);
    this.#bytes = new Uint8Array(memory.buffer);
  }
}
