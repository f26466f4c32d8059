/**
 * Grouping for the aggregating operators: groups with their accumulators, DISTINCT, and the net change of an epoch.
 *
 * Knows no windows and no watermark; hash-aggregate and window-aggregate decide when to emit and when to forget.
 *
 * Start reading at grouped-aggregation.ts, then group-changes.ts.
 */
export { aggregateState, callText } from './aggregate-state.ts';
export { GroupChanges } from './group-changes.ts';
export { GroupedAggregation, type GroupKeys } from './grouped-aggregation.ts';
