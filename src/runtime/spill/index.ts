/**
 * Keyed state over its share of the slot's memory: an operator around one that may spill. It knows keys, buckets of them and state tables, not what the operator
 * does. The scratch on disk is src/state/scratch.
 *
 * Laws
 * - Output and checkpoints are those of the operator in memory, epoch by epoch.
 * - Time changes nothing before all rows of the epoch have come, put off or not.
 * - A bucket of keys is in memory or in the scratch, never in both; in one epoch its rows are processed all at once or all at the barrier.
 *
 * Start reading at spilling-operator.ts.
 */
export { ScratchRuns } from './scratch-runs.ts';
export { SpillingOperator } from './spilling-operator.ts';
export { type TableChanges, UnsavedChanges } from './unsaved-changes.ts';
