/**
 * ORDER BY with LIMIT and OFFSET, maintained.
 *
 * Where the input only grows and few rows a partition are shown, those are all that is kept (append-only-operator.ts); else all rows are.
 *
 * Start reading at spec.ts (its parameters), then operator.ts.
 */
export { topNFactory } from './operator.ts';
export { type TopNSpec, topNSpecCodec } from './spec.ts';
