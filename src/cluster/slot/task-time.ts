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
    this.#spend(this.#last === 'blocked' ? 'blocked' : 'idle');
  }

  /** Accounts for a step that began at the last settle(). */
  stepped(result: StepResult): void {
    this.#spend(result);
    this.#last = result;
  }

  #spend(how: StepResult): void {
    const now = this.#clock.monotonicMs();
    const spent = now - this.#settledMs;
    if (how === 'progress') this.#metrics.busyMs += spent;
    else if (how === 'blocked') this.#metrics.backpressuredMs += spent;
    else this.#metrics.idleMs += spent;
    this.#settledMs = now;
  }
}
