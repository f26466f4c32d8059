/**
 * Window functions over one sorted partition: peers, frames, and the value of a call at a row. The reference executor and the operator `over`
 * both evaluate with it.
 *
 * Sorts nothing and keeps no rows: positions come in, values are asked for. PostgreSQL is the judge of what comes out.
 *
 * Laws
 * - A value depends on the partition's rows in their order and on nothing else; asking in another order gives the same values.
 * - After `invalidate(p)` an evaluator knows nothing of rows from position p on.
 *
 * Start reading at window-call.ts, then frame.ts and call-evaluator.ts.
 */
export { type CallEvaluator, createCallEvaluator, type OverEnvironment } from './call-evaluator.ts';
export { firstAffected } from './first-affected.ts';
export { PeerGroups } from './peer-groups.ts';
export type { PartitionValues, WindowBound, WindowCall, WindowFrame } from './window-call.ts';
