/**
 * What every operator's spec.ts is made with: the codec interface and a checked reader of JSON fields.
 *
 * Knows no operator; imported by both halves of each (planning and runtime), so it imports data only.
 *
 * Start reading at spec-reader.ts.
 */
export { type AggregateCallSpec, aggregateCallFromJson, aggregateCallJson } from './aggregate-call-spec.ts';
export { type KeyExpiry, keyExpiryFromJson, keyExpiryJson } from './key-expiry.ts';
export { type SortKeySpec, sortKeyFromJson, sortKeyJson } from './sort-key-spec.ts';
export { expressionJson, type SpecCodec, SpecReader, textMapJson, typeJson } from './spec-reader.ts';
export { stateTtlFromJson, stateTtlJson } from './state-ttl.ts';
