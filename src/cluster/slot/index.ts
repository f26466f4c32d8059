/**
 * The TaskManager side: slots, and the two ways to host them (worker threads, cooperatively in one thread).
 *
 * Start reading at slot.ts, then in-thread-slots.ts and run-slot-worker.ts.
 */
export { type InThreadSlotsOptions, inThreadSlots } from './in-thread-slots.ts';
export { runSlotWorker, type SlotPort, type SlotWorkerOptions } from './run-slot-worker.ts';
export { type WorkerThread, workerSlots } from './worker-slots.ts';
