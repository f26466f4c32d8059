/**
 * Small parts several operators use: growing arrays, sets of touched groups, text of rows, equal rows of a batch, stores of rows, queues of
 * what is due.
 *
 * Each file is one of them; nothing here is an operator.
 *
 * Start reading at touched-groups.ts.
 */
export { AppendedRows, compactBytes } from './appended-rows.ts';
export { consolidate } from './consolidate.ts';
export { CountedRows } from './counted-rows.ts';
export { DueQueue } from './due-queue.ts';
export { DueSlots } from './due-slots.ts';
export { emitInBatches } from './emit-in-batches.ts';
export { EqualRowFinder } from './equal-rows.ts';
export { eventTimeOf } from './event-time-of.ts';
export { ExpiringKeys } from './expiring-keys.ts';
export { ExpiringSlots } from './expiring-slots.ts';
export { grownFloat64, grownInt32, grownUint8 } from './grow-array.ts';
export { KeyTtl, reportForgotten, ttlDue } from './key-ttl.ts';
export { LastTouches } from './last-touches.ts';
export { RowCounts } from './row-counts.ts';
export { RowStore, type StoredRows } from './row-store.ts';
export { rowText } from './row-text.ts';
export { rowsEqual } from './rows-equal.ts';
export { SlotRows } from './slot-rows.ts';
export { TouchedGroups } from './touched-groups.ts';
