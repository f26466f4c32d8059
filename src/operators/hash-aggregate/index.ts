/**
 * GROUP BY, DISTINCT and aggregates without keys, over any changelog.
 *
 * Start reading at spec.ts (its parameters), then operator.ts.
 */
export { hashAggregateFactory } from './operator.ts';
export { type HashAggregateSpec, hashAggregateSpecCodec } from './spec.ts';
