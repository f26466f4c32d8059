/**
 * The local phase of an aggregation: rows of a batch that its aggregates cannot tell apart become one, before they are sent to another slot.
 *
 * Keeps no state and changes no column, so the aggregation behind it is the same with and without it.
 *
 * Start reading at lower.ts (when it may be used), then operator.ts.
 */
export { combineRowsFactory } from './operator.ts';
export { combineRowsSpecCodec } from './spec.ts';
