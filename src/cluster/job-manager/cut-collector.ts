import type { Epoch } from '../../batch/index.ts';
import type { SplitCut } from '../../spi/index.ts';

/** Gathers the source tasks' answers to one cut at a time. A job that fails meanwhile is no longer waited for. */
export class CutCollector {
  #epoch: Epoch = 0;
  #waiting = new Map<string, Set<string>>();
  #answers = new Map<string, SplitCut[]>();
  #done: (() => void) | null = null;

  /** `tasks`: `<vertex>/<subtask>` by job. Resolves to the cuts by `<job> <vertex>`. */
  async collect(epoch: Epoch, tasks: ReadonlyMap<string, readonly string[]>): Promise<ReadonlyMap<string, readonly SplitCut[]>> {
    this.#epoch = epoch;
    this.#answers = new Map();
    this.#waiting = new Map([...tasks].map(([job, names]) => [job, new Set(names)]));
    await new Promise<void>((resolve) => {
      this.#done = resolve;
      this.#check();
    });
    return this.#answers;
  }

  answer(task: { readonly jobId: string; readonly vertex: string; readonly subtask: number }, epoch: Epoch, cuts: readonly SplitCut[]): void {
    if (epoch !== this.#epoch) return;
    const source = sourceKey(task.jobId, task.vertex);
    this.#answers.set(source, [...(this.#answers.get(source) ?? []), ...cuts]);
    this.#waiting.get(task.jobId)?.delete(`${task.vertex}/${task.subtask}`);
    this.#check();
  }

  forget(job: string): void {
    this.#waiting.delete(job);
    this.#check();
  }

  #check(): void {
    for (const tasks of this.#waiting.values()) if (tasks.size > 0) return;
    this.#done?.();
    this.#done = null;
  }
}

export function sourceKey(job: string, vertex: string): string {
  return `${job} ${vertex}`;
}
