/**
 * The aggregate functions: definitions by name, and the accumulators that keep the state of all groups of an operator.
 *
 * Knows no grouping and no operators: groups are small integers given from outside. Grouping, DISTINCT and FILTER are the operator's.
 *
 * Laws
 * - A result is a function of the multiset of values: the order of rows and of their retractions leaves no trace, in floats either.
 * - save gives absolute state; load of it continues as if nothing had happened.
 *
 * Start reading at define-aggregate.ts, count.ts, then integer-sum-accumulator.ts.
 */
export { aggregateFunctions } from './aggregate-functions.ts';
export { multiset } from './collection.ts';
export { SingleGroupAggregate } from './reference-aggregate.ts';
