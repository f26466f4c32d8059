/**
 * MATCH_RECOGNIZE, maintained; the matcher is ../../pattern.
 *
 * Over a stream in the order of its event time (`watermark-matches.ts`)
 * - Let b = watermark - lateness at epoch e. Rows with time < b are all there and their order is settled: by ORDER BY, ties by the rows' own values
 *   (pattern/row-order.ts), since offsets do not survive an exchange. Rows without a time come last, when the input ends.
 * - Content at e: the matches, in the standard's order of search, that no row with time >= b can change. That is the law in its on-window-close form: a
 *   function of the rows below b and of b, whatever the cuts of epochs and the parallelism; the matches of all rows once the input has ended.
 * - A match is decided when the search for it has needed no row that is still to come: a greedy last variable waits for the row that ends it, `$` for the
 *   end of the input, NEXT for that many rows more. WITHIN decides without rows: from first time + WITHIN <= b on nothing to come can belong to it.
 * - Output is append-only and has no order. State: rows from the first row of the search under way on (and as many before as PREV looks back), freed
 *   as the search goes on. WITHIN bounds it by time; without, a match that never ends keeps its rows, and EXPLAIN says so.
 *
 * Over anything that updates, or in another order (`recomputed-matches.ts`): all rows are kept, the matches of touched partitions are found again at the
 * barrier, and the net change is emitted. Equals the batch answer at every epoch.
 *
 * An attempt that fails (a division by zero, too many steps) is reported like a row that cannot be computed, and the search goes on with the next row.
 *
 * Start reading at spec.ts, then watermark-matches.ts and partition-state.ts.
 */
export { matchRecognizeFactory } from './operator.ts';
export { type MatchRecognizeSpec, matchRecognizeSpecCodec } from './spec.ts';
