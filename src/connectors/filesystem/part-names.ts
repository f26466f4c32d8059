/**
 * Names of the files of one sink subtask: `SINK-SUBTASK-SERIES-EPOCH.FORMAT`. A series is one run of the writer; it is larger than any number found in the
 * folder when the run began, so that no run ever meets a name of another one, not even of another data directory.
 */
export class PartNames {
  readonly #prefix: string;
  readonly #subtask: number;
  readonly #format: string;
  #series = 0;

  constructor(sink: string, subtask: number, format: string) {
    // A name may hold slashes and leading dots, a file name may not.
    this.#prefix = encodeURIComponent(sink).replaceAll('.', '%2E');
    this.#subtask = subtask;
    this.#format = format;
  }

  /** Hidden while rows still come; `first`: the epoch of the first row. */
  inProgress(first: number): string {
    return `.${this.#name(this.#subtask, this.#series, first)}.inprogress`;
  }

  /** What the file is called once it is committed. */
  visible(epoch: number): string {
    return this.#name(this.#subtask, this.#series, epoch);
  }

  /** Complete and durable, waits for its checkpoint. */
  static ready(visible: string): string {
    return `.${visible}.ready`;
  }

  /** Begins a series behind all of `found`. */
  begin(found: readonly string[]): void {
    for (const name of found) {
      const part = this.#parse(name);
      if (part !== null && part.subtask === this.#subtask) this.#series = Math.max(this.#series, part.series + 1);
    }
  }

  /**
   * Of the names in the folder those that no checkpoint up to `committed` counts on: files in progress, and ready ones of later epochs. A subtask answers for
   * its own and, since the sink may have been wider once, for every `parallelism`th above it.
   */
  leftOver(found: readonly string[], committed: number, parallelism: number): string[] {
    return found.filter((name) => {
      const part = this.#parse(name);
      if (part === null || part.subtask % parallelism !== this.#subtask) return false;
      return name.endsWith('.inprogress') || (name.endsWith('.ready') && part.epoch > committed);
    });
  }

  #name(subtask: number, series: number, epoch: number): string {
    return `${this.#prefix}-${subtask}-${series}-${epoch}.${this.#format}`;
  }

  #parse(name: string): { readonly subtask: number; readonly series: number; readonly epoch: number } | null {
    const visible = name.replace(/^\.(.*)\.(inprogress|ready)$/, '$1');
    if (!visible.startsWith(`${this.#prefix}-`)) return null;
    const numbers = /^(\d+)-(\d+)-(\d+)\.[a-z]+$/.exec(visible.slice(this.#prefix.length + 1));
    return numbers === null ? null : { subtask: Number(numbers[1]), series: Number(numbers[2]), epoch: Number(numbers[3]) };
  }
}
