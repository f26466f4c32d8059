/**
 * Window functions (OVER), maintained by partition.
 *
 * Each operator evaluates calls with one PARTITION BY and one ORDER BY; a query with several windows is a chain of them. What a value is, is said in
 * src/over.
 *
 * Start reading at spec.ts (its parameters), then operator.ts.
 */
export { overFactory } from './operator.ts';
export { type OverSpec, overSpecCodec } from './spec.ts';
