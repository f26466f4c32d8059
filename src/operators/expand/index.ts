/**
 * Repeats each row for every grouping set, with the keys a set leaves out as NULL: GROUPING SETS, ROLLUP and CUBE become one aggregation
 * by the keys and the number of the set.
 *
 * The set of no keys is not expanded: it has a row even over no input, as an aggregation without keys has.
 *
 * Start reading at spec.ts (its parameters), then operator.ts and lower.ts.
 */
export { expandFactory } from './operator.ts';
export { type ExpandSpec, expandSpecCodec } from './spec.ts';
