/**
 * State of running tasks on its way to and from the StateStore: collecting what changed, grouping rows by key group, encoding, restoring.
 *
 * The rows themselves are the operators'; disks are the StateStore's.
 *
 * Start reading at task-state.ts.
 */
export { encodeSnapshot } from './encode-snapshot.ts';
export { restoreTable } from './restore-table.ts';
export { SlotBudget } from './slot-budget.ts';
export { type StateSnapshot, TaskState } from './task-state.ts';
