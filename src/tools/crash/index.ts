/**
 * `npm run test:crash`: small programs on real processes with a real broker, of which one or more are killed with -9 or stopped at a chosen moment. A point is a
 * program, a victim, a moment and a seed; it is passed when the program comes to the answer that its inputs give, no reader has seen it step back, and what was
 * acknowledged is there.
 *
 * It is no simulation: what a process does between two signals is up to the machine, so a point is a chance to fail, not a run that can be repeated exactly.
 * Faults of disks, clocks and networks are the matter of ../simulation.
 *
 * Laws
 * - An answer is computed from what was sent and acknowledged, never by the server.
 * - Named moments are seen from outside, in the data directory or on the way to the broker: the server knows of no test.
 * - Processes live on from point to point with what the last crash left them.
 *
 * Start reading at run-point.ts, then programs.ts, moment.ts and standby-topology.ts. passed.txt lists what was passed so far, runs.txt the runs.
 */
export { crashMatrix } from './crash-matrix.ts';
