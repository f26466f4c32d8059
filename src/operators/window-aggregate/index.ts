/**
 * Aggregation by event-time windows, shown on update or when they close; state goes with the watermark.
 *
 * Start reading at spec.ts (its parameters), then operator.ts.
 */
export { windowAggregateFactory } from './operator.ts';
export { type WindowAggregateSpec, windowAggregateSpecCodec } from './spec.ts';
