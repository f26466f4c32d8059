/**
 * Whole runs of the shipped server in a simulated world, in one process or with a standby and TaskManagers in processes of their own: clock, chance, scheduling,
 * network, disk and topics come from one seed, processes are killed or stopped, hosts lose sight of each other and disks fail in the middle of everything, and
 * clients check what they read.
 *
 * No part of the server is replaced, and nothing waits for real time. Real processes, disks and brokers are tried in ../processes.
 *
 * Laws
 * - The same seed is the same run: every scheduling step, and every byte on the disk at the end.
 * - A killed process is never told; what it still does reaches nothing. A stopped one gets nothing until it is woken, and then all of it.
 * - A checker compares what clients read with the inputs, never one view of the server with another by the server's word alone.
 *
 * What only some worlds have is a Feature (feature.ts, random-features.ts): sinks into tables, a sink that is replaced, a table over a compacted topic, a subscription that is followed.
 *
 * Start reading at run-seed.ts, then world.ts, simulated-process.ts, simulated-server.ts, fault-maker.ts and law-observer.ts. runs.txt lists the runs so far.
 */
export { type RunOptions, runSeed, type SeedOutcome } from './run-seed.ts';
export type { ProcessIngredients } from './simulated-process.ts';
export { SimulationTotals } from './simulation-totals.ts';
