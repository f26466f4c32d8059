/**
 * Lets the rows of an input go when they have not been touched for a ttl: in front of operators that keep whole rows (joins, INTERSECT, EXCEPT), for which
 * such a row is then as if it had been deleted.
 *
 * Law: nothing is taken back that was not there, so that what is behind never has a row a negative number of times.
 *
 * Start reading at spec.ts (its parameters), then operator.ts.
 */
export { rowTtlFactory } from './operator.ts';
