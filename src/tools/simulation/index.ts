/**
 * Whole runs of the shipped server in a simulated world: clock, chance, scheduling, disk and topics come from one seed, processes are killed and disks fail in
 * the middle of everything, and clients check what they read.
 *
 * No part of the server is replaced, and nothing waits for real time. Real processes, disks and brokers are tried in ../processes.
 *
 * Laws
 * - The same seed is the same run: every scheduling step, and every byte on the disk at the end.
 * - A killed process is never told; what it still does reaches nothing.
 * - A checker compares what clients read with the inputs, never one view of the server with another by the server's word alone.
 *
 * Start reading at run-seed.ts, then world.ts, simulated-server.ts and law-observer.ts.
 */
export { type RunOptions, runSeed, type SeedOutcome } from './run-seed.ts';
