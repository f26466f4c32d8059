/**
 * Aggregation of different values in two phases: what is different is found by key and value, so by all slots and a row of state each, and what
 * was found is aggregated by key.
 *
 * Has no operator of its own: both phases are hash aggregates, and a union where there are several sets of arguments, or calls that look at every row.
 * Which aggregations are planned so is said by the rule distinct-in-two-phases.
 *
 * Start reading at lower.ts.
 */
export { lowerDistinctInTwoPhases } from './lower.ts';
