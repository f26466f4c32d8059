/**
 * Rows in partitions, each in one order: what operators are made of that ask which row comes before which.
 *
 * Emits nothing: its user looks at a partition before and after its changes of an epoch and says what that means.
 *
 * Laws
 * - Rows equal in the sort keys go by their columns from left to right, each by its stored form; the reference executor does the same.
 * - Between two barriers the order is that of the last one; changes wait until the partition is settled.
 *
 * Start reading at ordered-partitions.ts.
 */
export { type RowComparison, rowComparison } from './compare-columns.ts';
export { type OrderedInput, orderedInput, originalOrder } from './ordered-input.ts';
export { type OrderedPartition, OrderedPartitions, type OrderedRow } from './ordered-partitions.ts';
export { withPendingRows } from './pending-rows.ts';
