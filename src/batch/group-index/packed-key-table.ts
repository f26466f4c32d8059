import { type SqlType, storageKind } from '../../types/index.ts';
import { BytesColumn, type Column, isNull } from '../column.ts';
import { ColumnBuilder } from '../column-builder.ts';
import { BytesKeyTable } from './bytes-key-table.ts';
import type { GroupIds } from './group-ids.ts';
import type { KeyTable } from './key-table.ts';

/**
 * Any mix of key columns, each row packed to bytes: for every column a byte 0 for NULL or 1, then eight bytes of a fixed value, or
 * a u32 length and the bytes.
 */
export class PackedKeyTable implements KeyTable {
  readonly #types: readonly SqlType[];
  readonly #table: BytesKeyTable;
  #scratch = new Uint8Array(4096);
  #view = new DataView(this.#scratch.buffer);

  constructor(types: readonly SqlType[], ids: GroupIds) {
    this.#types = types;
    this.#table = new BytesKeyTable({ kind: 'bytea' }, ids);
  }

  get sizeBytes(): number {
    return this.#table.sizeBytes;
  }

  assign(keys: readonly Column[], rowCount: number, out: Int32Array): number {
    return this.#table.assign([this.#pack(keys, rowCount)], rowCount, out);
  }

  lookup(keys: readonly Column[], rowCount: number, out: Int32Array): void {
    this.#table.lookup([this.#pack(keys, rowCount)], rowCount, out);
  }

  remove(group: number): void {
    this.#table.remove(group);
  }

  clear(): void {
    this.#table.clear();
  }

  keysOf(groups: Int32Array, count: number): Column[] {
    const packed = this.#table.keysOf(groups, count)[0]!;
    const view = new DataView(packed.data.buffer, packed.data.byteOffset);
    const builders = this.#types.map((type) => new ColumnBuilder(type, count));
    const fixed = this.#types.map((type) => storageKind(type) !== 'bytes');
    for (let row = 0; row < count; row++) {
      let at = packed.starts[row]!;
      for (let index = 0; index < builders.length; index++) {
        const builder = builders[index]!;
        if (packed.data[at++] === 0) builder.appendNull();
        else if (fixed[index]) {
          builder.appendWords(view.getInt32(at, true), view.getInt32(at + 4, true));
          at += 8;
        } else {
          const length = view.getUint32(at, true);
          builder.appendBytes(packed.data, at + 4, at + 4 + length);
          at += 4 + length;
        }
      }
    }
    return builders.map((builder) => builder.finish());
  }

  #pack(keys: readonly Column[], rowCount: number): BytesColumn {
    const starts = new Int32Array(rowCount);
    const ends = new Int32Array(rowCount);
    let at = 0;
    for (let row = 0; row < rowCount; row++) {
      starts[row] = at;
      for (let index = 0; index < keys.length; index++) at = this.#packValue(keys[index]!, row, at);
      ends[row] = at;
    }
    return new BytesColumn({ kind: 'bytea' }, { data: this.#scratch, starts, ends, valid: null });
  }

  #packValue(column: Column, row: number, at: number): number {
    const length = column.storage === 'bytes' ? column.ends[row]! - column.starts[row]! : 8;
    this.#reserve(at + length + 16);
    if (isNull(column, row)) {
      this.#scratch[at] = 0;
      return at + 1;
    }
    this.#scratch[at] = 1;
    if (column.storage !== 'bytes') {
      this.#view.setInt32(at + 1, column.i32[2 * row]!, true);
      this.#view.setInt32(at + 5, column.i32[2 * row + 1]!, true);
      return at + 9;
    }
    this.#view.setUint32(at + 1, length, true);
    let to = at + 5;
    for (let from = column.starts[row]!; from < column.ends[row]!; from++) this.#scratch[to++] = column.data[from]!;
    return to;
  }

  #reserve(needed: number): void {
    if (needed <= this.#scratch.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#scratch.length * 2));
    grown.set(this.#scratch);
    this.#scratch = grown;
    this.#view = new DataView(grown.buffer);
  }
}
