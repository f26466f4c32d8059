import type { Batch, Epoch } from '../../batch/index.ts';
import { approximateBytes } from '../channel/index.ts';
import type { TaskState } from '../state/index.ts';
import type { InputGate } from './input-gate.ts';
import type { EpochEnd, OperatorChain } from './operator-chain.ts';
import type { StepResult, Task, TaskEvents, TaskId, TaskMetrics } from './task.ts';
import type { TaskOutput } from './task-output.ts';

export interface OperatorTaskParts {
  readonly id: TaskId;
  readonly gate: InputGate;
  readonly chain: OperatorChain;
  readonly output: TaskOutput;
  readonly state: TaskState;
  readonly events: TaskEvents;
  readonly metrics: TaskMetrics;
  /** By input of the head: whether its rows are those of a relation. */
  readonly inputRelation: readonly boolean[];
}

/** A subtask with inputs: drives an OperatorChain, one element a step. */
export class OperatorTask implements Task {
  readonly id: TaskId;
  readonly metrics: TaskMetrics;
  readonly output: TaskOutput;
  readonly #gate: InputGate;
  readonly #inputRelation: readonly boolean[];
  readonly #chain: OperatorChain;
  readonly #state: TaskState;
  readonly #events: TaskEvents;
  #ending: EpochEnd | null = null;
  #finished = false;

  constructor(parts: OperatorTaskParts) {
    this.id = parts.id;
    this.output = parts.output;
    this.metrics = parts.metrics;
    this.#gate = parts.gate;
    this.#inputRelation = parts.inputRelation;
    this.#chain = parts.chain;
    this.#state = parts.state;
    this.#events = parts.events;
  }

  step(): StepResult {
    if (!this.output.flush()) return 'blocked';
    if (this.#finished) return 'finished';
    if (this.#ending !== null) return this.#endEpoch(this.#ending);
    if (!this.#chain.ready()) return 'blocked';
    const event = this.#gate.next();
    if (event === null) return 'idle';
    if (event.kind === 'data') {
      this.#count(event.input, event.batch);
      this.#chain.processBatch(event.input, event.batch);
      return 'progress';
    }
    this.#ending = event;
    return this.#endEpoch(event);
  }

  #count(input: number, batch: Batch): void {
    const bytes = approximateBytes(batch);
    this.metrics.rowsIn += batch.rowCount;
    this.metrics.bytesIn += bytes;
    if (!this.#inputRelation[input]) return;
    this.metrics.rowsRead += batch.rowCount;
    this.metrics.bytesRead += bytes;
  }

  checkpointCommitted(epoch: Epoch): void {
    this.#chain.checkpointCommitted(epoch);
  }

  close(): Promise<void> {
    return this.#chain.close();
  }

  /** The snapshot is taken right before the barrier goes; what a sink still waits for holds the barrier, not the thread. */
  #endEpoch(ending: EpochEnd): StepResult {
    const result = this.#chain.endEpoch(ending);
    if (result !== 'passed') return result === 'more' ? 'progress' : 'blocked';
    this.#ending = null;
    this.metrics.spillMs = this.#chain.spillMs();
    const { barrier, watermarkMicros } = ending;
    this.#state.checkBudget();
    if (barrier.checkpoint) this.#events.snapshotTaken(this, this.#state.snapshot(barrier.epoch));
    if (watermarkMicros !== null) this.output.watermark(watermarkMicros);
    this.output.barrier(barrier);
    this.#finished = barrier.last;
    this.#events.barrierPassed(this, barrier);
    return 'progress';
  }
}
