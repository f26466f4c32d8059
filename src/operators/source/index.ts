/**
 * Reads a relation: decoding, metadata, computed columns, event time, late and bad rows.
 *
 * Start reading at spec.ts (its parameters), then operator.ts.
 */
export { sourceFactory } from './operator.ts';
export { type SourceColumnOrigin, type SourceColumnSpec, type SourceSpec, type SourceWatermarkSpec, sourceSpecCodec } from './spec.ts';
