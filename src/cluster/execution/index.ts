/**
 * States of jobs and their tasks, as one pure reducer from events to states and commands.
 *
 * Law: an attempt's events cannot touch another attempt, whatever order, repetition or loss they suffer.
 *
 * Start reading at reduce-execution.ts.
 */
export type { ExecutionCommand, ExecutionEvent, ExecutionState, JobExecution, TaskExecutionState } from './execution-state.ts';
export { initialExecution, reduceExecution } from './reduce-execution.ts';
export { restartDelayMs } from './restart-delay.ts';
