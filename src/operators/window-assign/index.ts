/**
 * Adds the bounds of TUMBLE, HOP and CUMULATE windows to rows.
 *
 * Start reading at spec.ts (its parameters), then operator.ts.
 */
export { windowAssignFactory } from './operator.ts';
export { type WindowAssignSpec, type WindowSpec, windowAssignSpecCodec } from './spec.ts';
