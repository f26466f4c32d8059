/** Where in a file something stands. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** Sees to it that whatever a file asks for has an end. */
export interface RecordGuard {
  /** What `work` gives; rejects with NeverEnds once it can have no end any more, or takes too long. What it began may go on. */
  watch<T>(place: Place, work: () => Promise<T>): Promise<T>;
}
