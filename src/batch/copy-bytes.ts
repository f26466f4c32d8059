/** Below this length a loop beats the call of a native copy. */
const NATIVE_COPY_BYTES = 112;

/**
 * Copies ranges of `source` back to back into one target. Text of a batch is many short pieces, for which a native copy
 * a piece costs several times the copy itself, so short ones go four bytes at a time through a DataView.
 */
export class RangeCopier {
  readonly #source: Uint8Array;
  readonly #from: DataView;
  readonly #target: Uint8Array;
  readonly #to: DataView;

  constructor(source: Uint8Array, target: Uint8Array) {
    this.#source = source;
    this.#from = new DataView(source.buffer, source.byteOffset, source.byteLength);
    this.#target = target;
    this.#to = new DataView(target.buffer, target.byteOffset, target.byteLength);
  }

  /** Copies `rowCount` ranges to `at` onwards and writes where each begins, plus the end, to `offsets` (relative to `at`). */
  copyAll(ranges: { starts: Int32Array; ends: Int32Array; rowCount: number }, at: number, offsets: Int32Array): void {
    const { starts, ends, rowCount } = ranges;
    if (isDense(starts, ends, rowCount)) {
      this.#copyDense(ranges, at, offsets);
      return;
    }
    const source = this.#source;
    const from = this.#from;
    const target = this.#target;
    const to = this.#to;
    let position = at;
    for (let row = 0; row < rowCount; row++) {
      offsets[row] = position - at;
      let start = starts[row]!;
      const end = ends[row]!;
      if (end - start > NATIVE_COPY_BYTES) {
        target.set(source.subarray(start, end), position);
        position += end - start;
        continue;
      }
      for (; start + 4 <= end; start += 4) {
        to.setInt32(position, from.getInt32(start, true), true);
        position += 4;
      }
      for (; start < end; start++) target[position++] = source[start]!;
    }
    offsets[rowCount] = position - at;
  }

  /** Ranges that follow each other are one piece. */
  #copyDense(ranges: { starts: Int32Array; ends: Int32Array; rowCount: number }, at: number, offsets: Int32Array): void {
    const { starts, ends, rowCount } = ranges;
    const begin = starts[0]!;
    for (let row = 0; row < rowCount; row++) offsets[row] = starts[row]! - begin;
    offsets[rowCount] = ends[rowCount - 1]! - begin;
    this.#target.set(this.#source.subarray(begin, ends[rowCount - 1]!), at);
  }

  /** Copies one range to `at`; returns where it ends there. */
  copy(start: number, end: number, at: number): number {
    if (end - start > NATIVE_COPY_BYTES) {
      this.#target.set(this.#source.subarray(start, end), at);
      return at + end - start;
    }
    let from = start;
    let to = at;
    for (; from + 4 <= end; from += 4) {
      this.#to.setInt32(to, this.#from.getInt32(from, true), true);
      to += 4;
    }
    for (; from < end; from++) this.#target[to++] = this.#source[from]!;
    return to;
  }
}

function isDense(starts: Int32Array, ends: Int32Array, rowCount: number): boolean {
  for (let row = 1; row < rowCount; row++) if (starts[row] !== ends[row - 1]) return false;
  return rowCount > 0;
}

/** Sum of the lengths of the first `rowCount` ranges. */
export function rangesLength(starts: Int32Array, ends: Int32Array, rowCount: number): number {
  let total = 0;
  for (let row = 0; row < rowCount; row++) total += ends[row]! - starts[row]!;
  return total;
}
