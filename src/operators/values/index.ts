/**
 * Constant rows, a bounded source: VALUES and a SELECT without FROM in a view.
 *
 * Start reading at spec.ts (its parameters), then operator.ts.
 */
export { valuesFactory } from './operator.ts';
export { type ValuesSpec, valuesSpecCodec } from './spec.ts';
