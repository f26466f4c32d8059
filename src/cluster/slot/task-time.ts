import type { Clock } from '../../base/index.ts';
import type { StepResult, TaskMetrics } from '../../runtime/index.ts';

/** Where a task's time goes: into steps, or into waiting for what its last step said it lacks. */
export class TaskTime {
  readonly #clock: Clock;
  readonly #metrics: TaskMetrics;
  #settledMs: number;
  #last: StepResult = 'idle';

  constructor(clock: Clock, metrics: TaskMetrics) {
    this.#clock = clock;
    this.#metrics = metrics;
    this.#settledMs = clock.monotonicMs();
  }

  /** Accounts for the time since the last step, in front of the next one or of a report. */
  settle(): void {
    const now = this.#clock.monotonicMs();
    if (this.#last === 'blocked') this.#metrics.backpressuredMs += now - this.#settledMs;
    else this.#metrics.idleMs += now - this.#settledMs;
    this.#settledMs = now;
  }

  /** Accounts for a step that began at the last settle(). */
  stepped(result: StepResult): void {
    const now = this.#clock.monotonicMs();
    if (result === 'progress') this.#metrics.busyMs += now - this.#settledMs;
    else if (result === 'blocked') this.#metrics.backpressuredMs += now - this.#settledMs;
    else this.#metrics.idleMs += now - this.#settledMs;
    this.#settledMs = now;
    this.#last = result;
  }
}
