/**
 * The content of a relation, readable at every retained epoch.
 *
 * Start reading at spec.ts (its parameters), then operator.ts.
 */
export { materializeFactory } from './operator.ts';
export { type MaterializeSpec, materializeSpecCodec } from './spec.ts';
