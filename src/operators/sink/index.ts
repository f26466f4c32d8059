/**
 * Hands a changelog to a connector, one record a key and epoch where there is a key.
 *
 * Start reading at spec.ts (its parameters), then operator.ts.
 */
export { sinkFactory } from './operator.ts';
export { type SinkSpec, sinkSpecCodec } from './spec.ts';
