import type { SqlType } from '../../types/index.ts';
import { type Column, FixedColumn } from '../column.ts';
import { GroupTable } from '../kernels/group-table.ts';
import type { GroupIds } from './group-ids.ts';
import { growInt32 } from './grow-array.ts';
import { CHUNK_ROWS, INITIAL_SLOTS, type KeyTable, MOVED_SLOTS_PER_ROW, slotsFor } from './key-table.ts';

/**
 * Keys a table may hold, so that its memory stays addressable. With three columns and more, slots with keys in them take three times the memory of
 * slots that refer to keys, which is well spent while it is little.
 */
const NARROW_GROUPS_MAX = 2 ** 25;
const WIDE_GROUPS_MAX = 2 ** 17;

/** Up to 31 fixed-width key columns, grouped by the kernels. Gives the ids the tables written in TypeScript give, which are its twins. */
export class KernelKeyTable implements KeyTable {
  readonly #types: readonly SqlType[];
  readonly #ids: GroupIds;
  readonly #table: GroupTable;
  /** Keys by group: two words each, a column at a time. */
  readonly #keys: Int32Array[];
  /** NULL bits by group, once there are any. */
  #nulls: Int32Array | null = null;

  constructor(types: readonly SqlType[], ids: GroupIds) {
    this.#types = types;
    this.#ids = ids;
    this.#table = new GroupTable(types.length, CHUNK_ROWS);
    this.#table.enlarge(INITIAL_SLOTS);
    this.#keys = types.map(() => new Int32Array(512));
  }

  get sizeBytes(): number {
    const keyBytes = this.#keys.reduce((sum, words) => sum + words.byteLength, this.#nulls?.byteLength ?? 0);
    return this.#table.sizeBytes + keyBytes;
  }

  /** False when `rowCount` more keys may be too many: the keys then go back to a table in TypeScript. */
  hasRoomFor(rowCount: number): boolean {
    return this.#ids.liveCount + rowCount <= (this.#types.length > 2 ? WIDE_GROUPS_MAX : NARROW_GROUPS_MAX);
  }

  assign(keys: readonly Column[], rowCount: number, out: Int32Array): number {
    const before = this.#ids.liveCount;
    for (let start = 0; start < rowCount; start += CHUNK_ROWS) {
      const rows = Math.min(rowCount - start, CHUNK_ROWS);
      this.#table.enlarge(slotsFor(this.#ids.liveCount + rows, this.#table.slotCount));
      this.#table.move(rows * MOVED_SLOTS_PER_ROW);
      const nullable = this.#table.putKeys(keys as readonly FixedColumn[], start, rows);
      const reusable = this.#ids.reusable(rows, this.#table.freeIds());
      const added = this.#table.group(rows, { nullable, reusable, firstId: this.#ids.end });
      if (added > 0) this.#keepKeys(added, reusable);
      out.set(this.#table.groups(rows), start);
    }
    return this.#ids.liveCount - before;
  }

  lookup(keys: readonly Column[], rowCount: number, out: Int32Array): void {
    for (let start = 0; start < rowCount; start += CHUNK_ROWS) {
      const rows = Math.min(rowCount - start, CHUNK_ROWS);
      this.#table.find(rows, this.#table.putKeys(keys as readonly FixedColumn[], start, rows));
      out.set(this.#table.groups(rows), start);
    }
  }

  remove(group: number): void {
    this.#table.remove(this.#keys, this.#nulls === null ? 0 : this.#nulls[group]!, group);
  }

  clear(): void {
    this.#table.clear();
  }

  keysOf(groups: Int32Array, count: number): Column[] {
    return this.#types.map((type, index) => {
      const slots = new Float64Array(count);
      const words = new Int32Array(slots.buffer);
      const keys = this.#keys[index]!;
      for (let at = 0; at < count; at++) {
        const from = 2 * groups[at]!;
        words[2 * at] = keys[from]!;
        words[2 * at + 1] = keys[from + 1]!;
      }
      return new FixedColumn(type, slots, this.#validOf(groups, count, 1 << index));
    });
  }

  #validOf(groups: Int32Array, count: number, bit: number): Uint8Array | null {
    const nulls = this.#nulls;
    if (nulls === null) return null;
    let valid: Uint8Array | null = null;
    for (let at = 0; at < count; at++) {
      if ((nulls[groups[at]!]! & bit) === 0) continue;
      valid ??= new Uint8Array(count).fill(1);
      valid[at] = 0;
    }
    return valid;
  }

  /** Takes the ids the kernel has given to new keys, and keeps the keys: used ids first, then those that follow each other. */
  #keepKeys(added: number, reusable: number): void {
    const ids = this.#ids;
    const used = Math.min(added, reusable);
    const firstNew = ids.end;
    const usedIds = this.#table.freeIds().subarray(0, used);
    ids.take(added);
    for (let index = 0; index < this.#keys.length; index++) {
      if (2 * ids.end > this.#keys[index]!.length) this.#keys[index] = growInt32(this.#keys[index]!, 2 * ids.end);
      const keys = this.#keys[index]!;
      const words = this.#table.newKeys(index, added);
      for (let at = 0; at < used; at++) {
        const to = 2 * usedIds[at]!;
        keys[to] = words[2 * at]!;
        keys[to + 1] = words[2 * at + 1]!;
      }
      keys.set(words.subarray(2 * used), 2 * firstNew);
    }
    if (this.#nulls === null && !this.#table.hasNewNulls()) return;
    this.#nulls ??= new Int32Array(ids.end);
    if (ids.end > this.#nulls.length) this.#nulls = growInt32(this.#nulls, ids.end);
    const nulls = this.#table.newNulls(added);
    for (let at = 0; at < used; at++) this.#nulls[usedIds[at]!] = nulls[at]!;
    this.#nulls.set(nulls.subarray(used), firstNew);
  }
}
