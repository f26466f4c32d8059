/**
 * The content of a relation, readable at every retained epoch: in memory, and where it does not fit in the scratch of its slot.
 *
 * Start reading at spec.ts (its parameters), then operator.ts, spillable-content.ts.
 */
export { materializeFactory } from './operator.ts';
export { type MaterializeSpec, materializeSpecCodec } from './spec.ts';
