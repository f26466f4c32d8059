/**
 * Adds the bounds of SESSION windows to rows, and changes them as rows come and go: sessions grow, join and split.
 *
 * Knows rows only; an aggregation of sessions is window-aggregate's.
 *
 * Laws
 * - Two rows of a key share a session iff a chain of rows with steps of at most the gap links them.
 * - A session is left alone once no row can reach it any more, and its rows are forgotten.
 *
 * Start reading at spec.ts (its parameters), then session-rows.ts.
 */
export { sessionAssignFactory } from './operator.ts';
