/**
 * INTERSECT and EXCEPT, with and without ALL: how often a row is there follows from how often each input has it.
 *
 * UNION is not here: union-all passes rows on, hash-aggregate makes them distinct.
 *
 * Start reading at spec.ts (its parameters), then operator.ts.
 */
export { setOperationFactory } from './operator.ts';
export { type SetOperationSpec, setOperationSpecCodec } from './spec.ts';
