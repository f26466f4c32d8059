/**
 * Inner joins by equality, with a residual condition, and joins of every pair.
 *
 * Start reading at spec.ts (its parameters), then operator.ts.
 */
export { hashJoinFactory } from './operator.ts';
export { type HashJoinSpec, hashJoinSpecCodec } from './spec.ts';
