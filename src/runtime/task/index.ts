/**
 * One subtask as a synchronous step machine: takes elements from its gate, drives its chain, ends epochs.
 *
 * Laws
 * - One element a step, to completion. Nothing waits in here.
 * - Watermark in front of barrier; the snapshot is taken right before the barrier leaves.
 * - No input is taken while an output has no credit.
 *
 * Start reading at task.ts, then operator-task.ts, source-task.ts, input-gate.ts.
 */
export { checkedOperator } from './checked-operator.ts';
export { type GateChannel, InputGate } from './input-gate.ts';
export { OperatorChain } from './operator-chain.ts';
export { OperatorTask } from './operator-task.ts';
export { type EpochRelease, type ReadingLimit, type Replay, SourceTask } from './source-task.ts';
export {
  type EpochMark,
  emptyTaskMetrics,
  type OutputListener,
  type StepResult,
  type Task,
  type TaskEvents,
  type TaskId,
  type TaskMetrics,
} from './task.ts';
export { TaskOutput } from './task-output.ts';
