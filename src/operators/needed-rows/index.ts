/**
 * What a one-time read needs of a stream: the rows that a condition leaves, and of these no more than the read has asked for.
 *
 * Raises no error of a row: one whose condition cannot be computed is needed, since the read has to fail by it. Keeps no state: an attempt that begins anew lets as
 * many rows through again, and who reads them takes what it wants.
 *
 * Start reading at operator.ts.
 */
export { neededRowsNode } from './lower.ts';
export { neededRowsFactory } from './operator.ts';
