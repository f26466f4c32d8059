import { SqlError, SqlState } from '../../base/index.ts';
import type { Row } from './row.ts';

/**
 * Rows as they are made, piece by piece. An empty piece is a breath: nothing has been found yet, but whoever drives the generator may let others
 * run, or stop. So a statement over millions of rows neither holds the process nor becomes deaf to a cancel request.
 */
export type Pieces = Generator<readonly Row[], void, undefined>;

/** Work that breathes, with its result at the end. */
export type Steps<Result> = Generator<readonly Row[], Result, undefined>;

export const BREATH: readonly Row[] = [];

/** Rows handled between two breaths; fewer than a millisecond of simple expressions. */
export const PIECE_ROWS = 512;

/** What one step of a query may hold. Past it the statement ends; without a limit the process would. */
const HELD_BYTES = 2 ** 30;
const ROW_BYTES = 64;
const VALUE_BYTES = 24;

/** A list of rows as pieces. */
export function* inPieces(rows: readonly Row[], size = PIECE_ROWS): Pieces {
  if (rows.length <= size) {
    if (rows.length > 0) yield rows;
    return;
  }
  for (let at = 0; at < rows.length; at += size) yield rows.slice(at, at + size);
}

/** Runs to the end without giving way: for subqueries in the middle of an expression. */
export function finish<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Every row; breathes once a piece. 53200 past the limit. */
export function* gather(pieces: Pieces): Steps<Row[]> {
  const rows: Row[] = [];
  for (const piece of pieces) {
    for (const row of piece) rows.push(row);
    limitHeld(rows.length, piece[0]?.length ?? 0);
    yield BREATH;
  }
  return rows;
}

/** Errors: 53200 when that many rows (groups, entries) of that width are more than a step may hold. */
export function limitHeld(count: number, width: number): void {
  if (count * (ROW_BYTES + width * VALUE_BYTES) <= HELD_BYTES) return;
  throw new SqlError({
    code: SqlState.outOfMemory,
    message: 'out of memory',
    detail: `A step of this query holds more than ${count - 1} rows, and its limit is ${HELD_BYTES / 2 ** 20} MB.`,
    hint: 'Read fewer rows at a time, or keep the result in a materialized view.',
  });
}

/** A stable sort that breathes: runs of pieces, then merged pairwise. */
export function* sortInSteps<Item>(items: readonly Item[], compare: (left: Item, right: Item) => number): Steps<Item[]> {
  let sorted: Item[] = [];
  for (let at = 0; at < items.length; at += PIECE_ROWS) {
    for (const item of items.slice(at, at + PIECE_ROWS).sort(compare)) sorted.push(item);
    yield BREATH;
  }
  for (let size = PIECE_ROWS; size < sorted.length; size *= 2) {
    const merged: Item[] = [];
    for (let at = 0; at < sorted.length; at += 2 * size) {
      const middle = Math.min(at + size, sorted.length);
      const end = Math.min(middle + size, sorted.length);
      let [left, right] = [at, middle];
      while (left < middle || right < end) {
        const takeLeft = right >= end || (left < middle && compare(sorted[left]!, sorted[right]!) <= 0);
        merged.push(sorted[takeLeft ? left++ : right++]!);
        if (merged.length % PIECE_ROWS === 0) yield BREATH;
      }
    }
    sorted = merged;
  }
  return sorted;
}
