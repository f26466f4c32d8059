import { ByteReader, ByteWriter } from '../../base/index.ts';
import type { Epoch } from '../../batch/index.ts';

/*
 * Keys of the base, big endian so that they sort as numbers do:
 *   00                                            BaseHead, JSON
 *   01 [operator u32][table u16]                  TableRuns
 *   02 [key group u16][operator u32][table u16][run u32]   one block
 * Operators and tables have numbers of the base's own; the names stand in TableRuns. The head knows the checksum of every TableRuns and
 * that the checksum of every run, so that an entry LevelDB has lost, or an older one that has come back, is noticed.
 */
export const HEAD_KEY = new Uint8Array([0]);
const RUN_PREFIX = 2;

export interface BaseHead {
  /** Epoch of the checkpoint the base holds. */
  readonly applied: Epoch;
  /** SHA-256 of that checkpoint's manifest. */
  readonly sha256: string;
  readonly tables: readonly (readonly [operatorNumber: number, tableNumber: number, checksum: number])[];
}

export interface Run {
  readonly number: number;
  readonly bytes: number;
  readonly checksum: number;
}

/** The runs of one table by key group, oldest first. Immutable: a change makes a new one. */
export interface TableRuns {
  readonly operatorId: string;
  readonly table: string;
  readonly operatorNumber: number;
  readonly tableNumber: number;
  readonly groups: ReadonlyMap<number, readonly Run[]>;
}

export function tableKey(operatorNumber: number, tableNumber: number): Uint8Array {
  const key = new Uint8Array(7);
  const view = new DataView(key.buffer);
  view.setUint8(0, 1);
  view.setUint32(1, operatorNumber);
  view.setUint16(5, tableNumber);
  return key;
}

export function runKey(runs: TableRuns, keyGroup: number, run: number): Uint8Array {
  const key = new Uint8Array(13);
  const view = new DataView(key.buffer);
  view.setUint8(0, RUN_PREFIX);
  view.setUint16(1, keyGroup);
  view.setUint32(3, runs.operatorNumber);
  view.setUint16(7, runs.tableNumber);
  view.setUint32(9, run);
  return key;
}

export function encodeTableRuns(runs: TableRuns): Uint8Array {
  const writer = new ByteWriter();
  writer.text(runs.operatorId);
  writer.text(runs.table);
  writer.uint32(runs.groups.size);
  for (const [keyGroup, list] of runs.groups) {
    writer.uint16(keyGroup);
    writer.uint16(list.length);
    for (const run of list) {
      writer.uint32(run.number);
      writer.uint32(run.bytes);
      writer.uint32(run.checksum);
    }
  }
  return writer.take();
}

export function decodeTableRuns(bytes: Uint8Array, numbers: { readonly operatorNumber: number; readonly tableNumber: number }): TableRuns {
  const reader = new ByteReader(bytes);
  const operatorId = reader.text();
  const table = reader.text();
  const groups = new Map<number, readonly Run[]>();
  for (let count = reader.uint32(); count > 0; count--) {
    const keyGroup = reader.uint16();
    const list = Array.from({ length: reader.uint16() }, () => ({ number: reader.uint32(), bytes: reader.uint32(), checksum: reader.uint32() }));
    groups.set(keyGroup, list);
  }
  return { operatorId, table, ...numbers, groups };
}
