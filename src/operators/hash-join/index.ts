/**
 * Joins of every kind, hashed by equalities, with a residual condition, or of every pair.
 *
 * Start reading at spec.ts (its parameters), then match-join.ts and the sides: join-side.ts, appended-side.ts. How NOT IN is planned: not-in.ts.
 */
export { hashJoinFactory } from './operator.ts';
export { type HashJoinSpec, hashJoinSpecCodec } from './spec.ts';
