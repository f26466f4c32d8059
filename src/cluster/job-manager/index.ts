/**
 * The control process: jobs and their states, epochs, checkpoints, restarts, and what sessions ask for.
 *
 * Laws
 * - An epoch's record is durable before anything of it is shown; a number is never used twice.
 * - Changes of the graph happen between two cuts, behind one barrier (Exclusive).
 * - A region (jobs joined by relations) fails and restarts as a whole; other regions do not notice.
 *
 * Start reading at job-manager.ts, then epoch-coordinator.ts, job-starter.ts, checkpoint-coordinator.ts.
 */
export { droppedState } from './dropped-state.ts';
export { isInterruptedRead } from './interrupted-read.ts';
export { JobManager } from './job-manager.ts';
export type { JobManagerOptions, JobRequest } from './job-manager-options.ts';
export type { ReactiveMode } from './reactive-scaling.ts';
export { plansOfSavepoint, readPlans } from './recorded-plans.ts';
export type { TaskManagerPool } from './task-manager-pool.ts';
export { requireClaimed, UnclaimedState } from './unclaimed-state.ts';
