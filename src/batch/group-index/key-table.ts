import type { Column } from '../column.ts';

/** Keys of one shape -> dense group ids. */
export interface KeyTable {
  /** Group of each row, new groups made as needed; returns how many were new. */
  assign(keys: readonly Column[], rowCount: number, out: Int32Array): number;
  /** Group of each row, -1 where the key is unknown. */
  lookup(keys: readonly Column[], rowCount: number, out: Int32Array): void;
  /** Forgets the key of a live group. */
  remove(group: number): void;
  /** Forgets all keys. */
  clear(): void;
  /** The keys of `groups[0..count)`. */
  keysOf(groups: Int32Array, count: number): Column[];
  readonly sizeBytes: number;
}

/** Rows handled between two steps of growth, so that room made in advance stays bounded. */
export const CHUNK_ROWS = 4096;
/** Slots moved to the larger table for each row handled: the move ends long before the next growth. */
export const MOVED_SLOTS_PER_ROW = 8;
/** In place of a group in a table that is being moved out of: the key was removed, the run of probing goes on. */
export const REMOVED = -1;
/** Slots of a new table; a power of two. Small, since most operators of a test see few keys; the first full batch grows it at once. */
export const INITIAL_SLOTS = 1024;

/**
 * A key's home slot is `hash >>> shiftFor(slots)`: the high bits, so that the keys of one part of a table lie in one part of the next larger table,
 * and moving them runs through both from front to back.
 */
export function shiftFor(slots: number): number {
  return Math.clz32(slots) + 1;
}

/** Slots a table of `slots` needs for `keys` keys: a power of two, at most 60 % full; beyond that, runs of linear probing get long. */
export function slotsFor(keys: number, slots: number): number {
  let needed = slots;
  while (keys * 5 > needed * 3) needed *= 2;
  return needed;
}
