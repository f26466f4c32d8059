import type { Clock } from '../../base/index.ts';
import type { JobStatus } from '../../cluster/index.ts';

/** How often a run that goes on says how far it is: on a terminal, where the line is written over, and in a log. */
const TERMINAL_MS = 1_000;
const LOG_MS = 10_000;
const LOOK_MS = 100;
/** Jobs say once a second what they have got: over a shorter time nothing can be said of them. */
const IDLE_MS_MIN = 1_500;

export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Shows on standard error what the jobs of a run have read and written. */
export class RunProgress {
  readonly #jobs: () => readonly JobStatus[];
  readonly #clock: Clock;
  readonly #output: ProgressOutput;
  readonly #startedMs: number;
  #shown = false;

  constructor(parts: { readonly jobs: () => readonly JobStatus[]; readonly clock: Clock; readonly output: ProgressOutput }) {
    this.#jobs = parts.jobs;
    this.#clock = parts.clock;
    this.#output = parts.output;
    this.#startedMs = parts.clock.monotonicMs();
  }

  /** Until the returned function is called. */
  show(): () => void {
    const timer = this.#clock.every(this.#output.isTTY ? TERMINAL_MS : LOG_MS, () => this.#write());
    return () => {
      timer.cancel();
      if (this.#shown && this.#output.isTTY) this.#output.write('\r\u001b[K');
      this.#shown = false;
    };
  }

  /** Settles when no job has got or written a row for `wantedMs`, or for a second and a half if that is longer. */
  untilIdle(wantedMs: number): Promise<void> {
    const idleMs = Math.max(wantedMs, IDLE_MS_MIN);
    let rows = -1;
    let sinceMs = this.#clock.monotonicMs();
    return new Promise((resolve) => {
      const timer = this.#clock.every(LOOK_MS, () => {
        const now = this.#clock.monotonicMs();
        const all = this.#rows();
        if (all !== rows) {
          rows = all;
          sinceMs = now;
        } else if (now - sinceMs >= idleMs) {
          timer.cancel();
          resolve();
        }
      });
    });
  }

  #rows(): number {
    return this.#jobs().reduce((sum, job) => sum + job.rowsIn + job.rowsOut, 0);
  }

  #write(): void {
    const seconds = Math.round((this.#clock.monotonicMs() - this.#startedMs) / 1000);
    const parts = this.#jobs().map((job) => `${job.name}: ${job.state} · ${job.rowsIn} rows in, ${job.rowsOut} rows out`);
    const line = [`${seconds} s`, ...parts].join(' · ');
    this.#shown = true;
    this.#output.write(this.#output.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
  }
}
