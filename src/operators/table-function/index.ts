/**
 * Joins each row with the rows a set-returning function gives for it: unnest, generate_series and their kin, in FROM beside other relations (LATERAL) and
 * in the select list. Stateless: the same row gives the same rows again when it is taken back.
 *
 * Computes no arguments: they are columns of its input, so that their errors are those of any projection.
 *
 * Start reading at spec.ts (its parameters), then operator.ts.
 */
export { tableFunctionFactory } from './operator.ts';
export { type TableFunctionSpec, tableFunctionSpecCodec } from './spec.ts';
