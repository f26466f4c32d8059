import { type Column, type FixedColumn, GroupIndex, gatherColumn, int64Number } from '../../batch/index.ts';
import type { SqlType } from '../../types/index.ts';
import type { GroupKeys } from '../grouping/index.ts';
import { grownInt32, grownUint8 } from '../shared/index.ts';
import { alignDown } from '../window-assign/assign-windows.ts';
import type { WindowSpec } from '../window-assign/spec.ts';
import { MILLISECOND_MICROS, timesColumn } from '../window-assign/time-columns.ts';
import type { WindowAggregateSpec, WindowSlices } from './spec.ts';

const LANES_MAX = 64;
const INT8: SqlType = { kind: 'int8' };

/** Windows by their ends, in microseconds: entry i is a window of the keys in row `rows[i]`. Windows of a row lie together. */
export interface RowWindows {
  readonly rows: Int32Array;
  readonly ends: Float64Array;
  readonly count: number;
}

/**
 * The groups of windows that overlap. A key has most windows around a time when it has one of them, so they are kept as blocks of windows next to each
 * other: a block is found by hashing, a window in it by arithmetic, and what a window's bounds are needs no memory. Group = block * lanes + window in the block.
 */
export class WindowGroups implements GroupKeys {
  readonly #blocks: GroupIndex;
  /** Keys in front of the window's bounds. */
  readonly otherKeys: number;
  readonly #endKey: number;
  readonly #slices: WindowSlices;
  readonly #timeType: SqlType;
  readonly #lanes: number;
  readonly #step: number;
  readonly #offset: number;
  #live: Uint8Array<ArrayBuffer> = new Uint8Array(64);
  #liveCount = 0;
  /** Live groups of each block. */
  #members: Int32Array<ArrayBuffer> = new Int32Array(64);

  constructor(keyTypes: readonly SqlType[], { windowEndKey, slices }: Pick<WindowAggregateSpec, 'windowEndKey' | 'slices'>) {
    this.#slices = slices!;
    this.#endKey = windowEndKey;
    this.otherKeys = Math.min(windowEndKey, this.#slices.startKey ?? windowEndKey, this.#slices.timeKey ?? windowEndKey);
    this.#timeType = keyTypes[windowEndKey]!;
    this.#blocks = new GroupIndex([...keyTypes.slice(0, this.otherKeys), INT8]);
    const { window } = this.#slices;
    this.#step = Number(stepOf(window));
    this.#offset = Number(window.offsetMicros) + (window.kind === 'hop' ? Number(window.sizeMicros) : 0);
    this.#lanes = lanesFor(Number(window.sizeMicros) / this.#step);
  }

  get groupCount(): number {
    return this.#liveCount;
  }

  get groupEnd(): number {
    return this.#blocks.groupEnd * this.#lanes;
  }

  get sizeBytes(): number {
    return this.#blocks.sizeBytes + this.#live.byteLength + this.#members.byteLength;
  }

  assign(keys: readonly Column[], rowCount: number, out: Int32Array): number {
    return this.assignWindows(keys, windowsByRow(keys[this.#endKey] as FixedColumn, rowCount), out);
  }

  /** Writes the group of each window to `out`, making groups for new ones; `keys` are those in front of the bounds, by row. Returns how many are new. */
  assignWindows(keys: readonly Column[], windows: RowWindows, out: Int32Array): number {
    const before = this.#liveCount;
    this.#locate(keys, windows, out, (columns, count, blocks) => this.#blocks.assign(columns, count, blocks));
    this.#live = grownUint8(this.#live, this.groupEnd);
    this.#members = grownInt32(this.#members, this.#blocks.groupEnd);
    const live = this.#live;
    const lanes = this.#lanes;
    for (let at = 0; at < windows.count; at++) {
      const group = out[at]!;
      if (live[group] === 1) continue;
      live[group] = 1;
      this.#members[Math.floor(group / lanes)]!++;
      this.#liveCount++;
    }
    return this.#liveCount - before;
  }

  lookup(keys: readonly Column[], rowCount: number, out: Int32Array): void {
    this.#locate(keys, windowsByRow(keys[this.#endKey] as FixedColumn, rowCount), out, (columns, count, blocks) =>
      this.#blocks.lookup(columns, count, blocks),
    );
    for (let row = 0; row < rowCount; row++) if (!this.isLive(out[row]!)) out[row] = -1;
  }

  remove(group: number): void {
    const block = Math.floor(group / this.#lanes);
    this.#live[group] = 0;
    this.#liveCount--;
    if (--this.#members[block]! === 0) this.#blocks.remove(block);
  }

  clear(): void {
    this.#blocks.clear();
    this.#live.fill(0);
    this.#members.fill(0);
    this.#liveCount = 0;
  }

  isLive(group: number): boolean {
    return this.#live[group] === 1;
  }

  liveGroups(): Int32Array {
    const groups = new Int32Array(this.#liveCount);
    const end = this.groupEnd;
    let count = 0;
    for (let group = this.#live.indexOf(1); group >= 0 && group < end; group = this.#live.indexOf(1, group + 1)) groups[count++] = group;
    return groups;
  }

  keyColumnsOf(groups: Int32Array, count: number): Column[] {
    const lanes = this.#lanes;
    const blocks = new Int32Array(count);
    for (let at = 0; at < count; at++) blocks[at] = Math.floor(groups[at]! / lanes);
    const others = this.#blocks.keyColumnsOf(blocks, count);
    const numbers = others.pop() as FixedColumn;
    const ends = new Float64Array(count);
    for (let at = 0; at < count; at++) {
      ends[at] = (int64Number(numbers, at) * lanes + (groups[at]! - blocks[at]! * lanes)) * this.#step + this.#offset;
    }
    const { startKey, timeKey } = this.#slices;
    const columns = [...others];
    columns[this.#endKey] = timesColumn(this.#timeType, ends, count, 0);
    if (timeKey !== null) columns[timeKey] = timesColumn(this.#timeType, ends, count, MILLISECOND_MICROS);
    if (startKey !== null) columns[startKey] = this.#startsOf(ends, count);
    return columns;
  }

  #startsOf(ends: Float64Array, count: number): FixedColumn {
    const { window } = this.#slices;
    const size = Number(window.sizeMicros);
    if (window.kind === 'hop') return timesColumn(this.#timeType, ends, count, size);
    const offset = Number(window.offsetMicros);
    const starts = Float64Array.from(ends, (end) => alignDown(end - this.#step, size, offset));
    return timesColumn(this.#timeType, starts, count, 0);
  }

  /** Writes the group of each window to `out`; negative where `find` knows no block. */
  #locate(
    keys: readonly Column[],
    { rows, ends, count }: RowWindows,
    out: Int32Array,
    find: (columns: Column[], count: number, blocks: Int32Array) => void,
  ): void {
    const [lanes, step, offset] = [this.#lanes, this.#step, this.#offset];
    const blockRows = new Int32Array(count);
    const blockNumbers = new Float64Array(count);
    const blockOf = new Int32Array(count);
    let blockCount = 0;
    let lastRow = -1;
    let first = 0;
    for (let at = 0; at < count; at++) {
      const row = rows[at]!;
      const number = (ends[at]! - offset) / step;
      let lane = number - first;
      if (row !== lastRow || lane < 0 || lane >= lanes) {
        const block = Math.floor(number / lanes);
        first = block * lanes;
        lane = number - first;
        lastRow = row;
        blockRows[blockCount] = row;
        blockNumbers[blockCount++] = block;
      }
      out[at] = lane;
      blockOf[at] = blockCount - 1;
    }
    const columns = keys.slice(0, this.otherKeys).map((column) => gatherColumn(column, blockRows, blockCount));
    const blocks = new Int32Array(blockCount);
    find([...columns, timesColumn(INT8, blockNumbers, blockCount, 0)], blockCount, blocks);
    for (let at = 0; at < count; at++) {
      const block = blocks[blockOf[at]!]!;
      out[at] = block < 0 ? -1 : block * lanes + out[at]!;
    }
  }
}

function stepOf(window: WindowSpec): bigint {
  if (window.kind === 'hop') return window.slideMicros;
  return window.kind === 'cumulate' ? window.stepMicros : window.sizeMicros;
}

/** As many as a row has windows, so that they lie in two blocks at most; a power of two, and bounded since the others of a block are room for nothing. */
function lanesFor(windowsPerRow: number): number {
  let lanes = 1;
  while (lanes < windowsPerRow && lanes < LANES_MAX) lanes *= 2;
  return lanes;
}

function windowsByRow(ends: FixedColumn, rowCount: number): RowWindows {
  const rows = new Int32Array(rowCount);
  const micros = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    rows[row] = row;
    micros[row] = int64Number(ends, row);
  }
  return { rows, ends: micros, count: rowCount };
}
