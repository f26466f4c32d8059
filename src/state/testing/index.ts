/**
 * For tests and the simulator: a disk that stops, fills up, fails and rots on demand, and a workload that knows what a store owes it.
 *
 * Not for servers; nothing here touches the machine.
 *
 * Start reading at simulated-disk.ts.
 */
export { blockOf, loadTable, ModelWorkload, nothingObserved, type Observed, problemsOf, recordOf, type TableContent } from './model-workload.ts';
export { type OpenOutcome, openOutcome, Warnings } from './open-outcome.ts';
export { openSimulatedStore, restoreSimulatedStore, smallLimits, standingClock } from './open-simulated-store.ts';
export { type FaultKind, MachineStopped, SimulatedDisk } from './simulated-disk.ts';
export { Sleep, sleepingStorage } from './sleeping-storage.ts';
export { type StorageWorkload, storageWorkloads } from './storage-workloads.ts';
