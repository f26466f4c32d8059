/**
 * ORDER BY with LIMIT and OFFSET, maintained.
 *
 * Start reading at spec.ts (its parameters), then operator.ts.
 */
export { topNFactory } from './operator.ts';
export { type TopNSpec, topNSpecCodec } from './spec.ts';
