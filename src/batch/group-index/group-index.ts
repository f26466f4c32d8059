import { type SqlType, storageKind } from '../../types/index.ts';
import { type Column, FixedColumn } from '../column.ts';
import { BytesKeyTable } from './bytes-key-table.ts';
import { FixedKeyTable } from './fixed-key-table.ts';
import { GroupIds } from './group-ids.ts';
import { IntKeyTable } from './int-key-table.ts';
import { IntPairTable } from './int-pair-table.ts';
import { KernelKeyTable } from './kernel-key-table.ts';
import type { KeyTable } from './key-table.ts';
import { PackedKeyTable } from './packed-key-table.ts';

/** NULL bits of a FixedKeyTable row share one word. */
const FIXED_KEYS_MAX = 31;

/** Batches of so many rows are worth copying into the memory of the kernels and the ids out of it. */
const KERNEL_ROWS_MIN = 1024;
/**
 * Large batches after which the kernels take over: an index that is made for one batch or two is not worth an instance.
 * Its keys are moved at one go, so it must not have grown large before.
 */
const KERNEL_AFTER_BATCHES = 4;
const KERNEL_GROUPS_MAX = 65_536;

/** Maps key rows to dense group ids. No key columns at all is one group, made by the first row. */
export class GroupIndex {
  readonly #ids = new GroupIds();
  readonly #keyTypes: readonly SqlType[];
  #table: KeyTable;
  #kernelTable: KernelKeyTable | null = null;
  /** Large batches until the kernels take over; less than 1 when they have, or never will. */
  #batchesLeft: number;

  constructor(keyTypes: readonly SqlType[]) {
    this.#keyTypes = keyTypes;
    this.#batchesLeft = suitsKernels(keyTypes) ? KERNEL_AFTER_BATCHES : 0;
    this.#table = createTable(keyTypes, this.#ids);
  }

  /** Live groups. */
  get groupCount(): number {
    return this.#ids.liveCount;
  }

  /** One above the highest id ever handed out: what arrays indexed by group need as length. */
  get groupEnd(): number {
    return this.#ids.end;
  }

  get sizeBytes(): number {
    return this.#table.sizeBytes + this.#ids.sizeBytes;
  }

  /** Writes the group of each row to `out`, making groups for new keys; returns how many are new. */
  assign(keys: readonly Column[], rowCount: number, out: Int32Array): number {
    if (rowCount >= KERNEL_ROWS_MIN && this.#batchesLeft > 0) this.#considerKernels();
    if (this.#kernelTable !== null && !this.#kernelTable.hasRoomFor(rowCount)) {
      this.#kernelTable = null;
      this.#moveKeysTo(createTable(this.#keyTypes, this.#ids));
    }
    return this.#table.assign(keys, rowCount, out);
  }

  /** Writes the group of each row to `out`, -1 where the key is unknown. */
  lookup(keys: readonly Column[], rowCount: number, out: Int32Array): void {
    this.#table.lookup(keys, rowCount, out);
  }

  /** Forgets the group's key; the id will be handed out again. */
  remove(group: number): void {
    this.#table.remove(group);
    this.#ids.release(group);
  }

  /** Forgets all keys and starts again at group 0; the memory stays. */
  clear(): void {
    this.#table.clear();
    this.#ids.clear();
  }

  isLive(group: number): boolean {
    return this.#ids.isLive(group);
  }

  /** All there are, ascending. */
  liveGroups(): Int32Array {
    const groups = new Int32Array(this.groupCount);
    let count = 0;
    for (let group = 0; group < this.groupEnd; group++) if (this.isLive(group)) groups[count++] = group;
    return groups;
  }

  /** The keys of `groups[0..count)`, in canonical form. */
  keyColumnsOf(groups: Int32Array, count: number): Column[] {
    return this.#table.keysOf(groups, count);
  }

  #considerKernels(): void {
    this.#batchesLeft--;
    if (this.#batchesLeft > 0) return;
    if (this.#ids.end > KERNEL_GROUPS_MAX) return;
    this.#kernelTable = new KernelKeyTable(this.#keyTypes, this.#ids);
    this.#moveKeysTo(this.#kernelTable);
  }

  /** Every group keeps its id. */
  #moveKeysTo(table: KeyTable): void {
    const groups = this.#ids.live();
    const keys = this.#table.keysOf(groups, groups.length);
    this.#ids.takeLiveAgain(() => table.assign(keys, groups.length, new Int32Array(groups.length)));
    this.#table = table;
  }
}

function suitsKernels(types: readonly SqlType[]): boolean {
  return types.length > 0 && types.length <= FIXED_KEYS_MAX && types.every((type) => storageKind(type) !== 'bytes');
}

function createTable(types: readonly SqlType[], ids: GroupIds): KeyTable {
  if (types.length === 0) return new KeylessTable(ids);
  const fixed = types.every((type) => storageKind(type) !== 'bytes');
  if (types.length === 1) return fixed ? new IntKeyTable(types[0]!, ids) : new BytesKeyTable(types[0]!, ids);
  if (fixed && types.length === 2) return new IntPairTable(types, ids);
  return fixed && types.length <= FIXED_KEYS_MAX ? new FixedKeyTable(types, ids) : new PackedKeyTable(types, ids);
}

/** Grouping by nothing: a constant key stands for all rows. */
class KeylessTable implements KeyTable {
  readonly #table: IntKeyTable;

  constructor(ids: GroupIds) {
    this.#table = new IntKeyTable({ kind: 'int8' }, ids);
  }

  get sizeBytes(): number {
    return this.#table.sizeBytes;
  }

  assign(_keys: readonly Column[], rowCount: number, out: Int32Array): number {
    return this.#table.assign([constantColumn(rowCount)], rowCount, out);
  }

  lookup(_keys: readonly Column[], rowCount: number, out: Int32Array): void {
    this.#table.lookup([constantColumn(rowCount)], rowCount, out);
  }

  remove(group: number): void {
    this.#table.remove(group);
  }

  clear(): void {
    this.#table.clear();
  }

  keysOf(): Column[] {
    return [];
  }
}

function constantColumn(rowCount: number): Column {
  return new FixedColumn({ kind: 'int8' }, new Float64Array(rowCount), null);
}
