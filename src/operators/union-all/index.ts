/**
 * The rows of all inputs.
 *
 * Start reading at spec.ts (its parameters), then operator.ts.
 */
export { unionAllFactory } from './operator.ts';
export { unionAllSpecCodec } from './spec.ts';
