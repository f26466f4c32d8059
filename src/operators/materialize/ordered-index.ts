import type { Batch } from '../../batch/index.ts';
import type { KeyOrder } from './key-order.ts';
import type { KeySpan } from './key-span.ts';

/** Rows that have numbers, by which an index names them. A number is a row's own while it is there. */
export interface NumberedRows {
  /** Where row `number` lies: position `rowOf` of batch `batchOf`. */
  batchOf(number: number): Batch;
  rowOf(number: number): number;
  /** The numbers of all rows, in any order. */
  numbers(): Int32Array;
}

/** Numbers in a block before it is cut in two. */
const BLOCK_MAX = 512;

/**
 * Row numbers in the order of a key, then of the numbers themselves, in blocks small enough to insert into. A change costs a binary search over the
 * blocks and one in a block; a look-up the same and the rows it finds.
 */
export class OrderedIndex {
  readonly #rows: NumberedRows;
  readonly #order: KeyOrder;
  /** Ascending; none is empty. */
  #blocks: number[][] = [];

  constructor(rows: NumberedRows, order: KeyOrder) {
    this.#rows = rows;
    this.#order = order;
    const sorted = rows.numbers().sort((left, right) => this.#compare(left, right));
    for (let at = 0; at < sorted.length; at += BLOCK_MAX / 2) this.#blocks.push([...sorted.subarray(at, at + BLOCK_MAX / 2)]);
  }

  /** The row is there already. */
  add(number: number): void {
    const position = Math.max(0, this.#blockBehind(number) - 1);
    const block = this.#blocks[position];
    if (block === undefined) {
      this.#blocks.push([number]);
      return;
    }
    block.splice(this.#positionIn(block, number), 0, number);
    if (block.length > BLOCK_MAX) this.#blocks.splice(position, 1, block.slice(0, BLOCK_MAX / 2), block.slice(BLOCK_MAX / 2));
  }

  /** The row is still there. */
  remove(number: number): void {
    const position = this.#blockBehind(number) - 1;
    const block = this.#blocks[position];
    const at = block === undefined ? -1 : this.#positionIn(block, number);
    if (block?.[at] !== number) return;
    block.splice(at, 1);
    if (block.length === 0) this.#blocks.splice(position, 1);
  }

  /** Numbers of the rows in the span, in order. */
  lookUp(span: KeySpan): Int32Array {
    const found: number[] = [];
    const first = Math.max(0, firstWhere(this.#blocks.length, (at) => !this.#isBefore(span, this.#blocks[at]![0]!)) - 1);
    for (let position = first; position < this.#blocks.length; position++) {
      const block = this.#blocks[position]!;
      for (let at = firstWhere(block.length, (index) => !this.#isBefore(span, block[index]!)); at < block.length; at++) {
        const number = block[at]!;
        if (span.isBehind(this.#rows.batchOf(number), this.#rows.rowOf(number))) return Int32Array.from(found);
        found.push(number);
      }
    }
    return Int32Array.from(found);
  }

  #isBefore(span: KeySpan, number: number): boolean {
    return span.isBefore(this.#rows.batchOf(number), this.#rows.rowOf(number));
  }

  /** The first block that begins behind the row. */
  #blockBehind(number: number): number {
    return firstWhere(this.#blocks.length, (at) => this.#compare(this.#blocks[at]![0]!, number) > 0);
  }

  #positionIn(block: readonly number[], number: number): number {
    return firstWhere(block.length, (at) => this.#compare(block[at]!, number) >= 0);
  }

  #compare(left: number, right: number): number {
    const rows = this.#rows;
    return this.#order.compareRows(rows.batchOf(left), rows.rowOf(left), rows.batchOf(right), rows.rowOf(right)) || left - right;
  }
}

/** The first of `count` positions for which `holds` is true, which it stays from there on; `count` for none. */
function firstWhere(count: number, holds: (at: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
