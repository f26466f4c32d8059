import type { Clock, Logger, SqlError } from '../base/index.ts';
import type { Batch } from '../batch/index.ts';
import type { EdgeColumn } from '../jobgraph/index.ts';

/** A relation of another system whose rows are fetched by key, when rows to join them with come. */
export interface LookupCapability {
  createReader(context: LookupContext): LookupReader;
}

export interface LookupContext {
  readonly options: ReadonlyMap<string, string>;
  /** What is wanted of a row, by the names the other system has for it. */
  readonly columns: readonly EdgeColumn[];
  /** What rows are found by: names of the other system, types of the values asked for. */
  readonly keys: readonly EdgeColumn[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The rows of some keys. */
export interface LookupAnswer {
  /** In the order of their keys. */
  readonly rows: Batch;
  /** Row of the question each of them answers, ascending. */
  readonly keyOf: Int32Array;
  /** By row of the question: a row of it was found that is none of the declared types. Nothing else is said of such a key. */
  readonly failures: ReadonlyMap<number, SqlError>;
}

/** Asked one question at a time. After an error it may be asked again: of class `external` it may pass. */
export interface LookupReader {
  /** Whether the other side is there and can answer. */
  open(): Promise<void>;
  /** Distinct keys without NULL. */
  lookup(keys: Batch): Promise<LookupAnswer>;
  /** A question under way may fail then. */
  close(): Promise<void>;
}

/** What the keys have that were looked up lately, in the memory of a subtask. Times are epoch time. */
export interface LookupCache {
  /** A key without rows counts as one. */
  readonly rowsMax: number;
  readonly expireAfterWriteMs: number | null;
  readonly expireAfterAccessMs: number | null;
  /** That a key has no rows is remembered, too. */
  readonly missing: boolean;
}

/** How a table of another system is looked up. */
export interface LookupSettings {
  readonly connector: string;
  readonly options: ReadonlyMap<string, string>;
  readonly cache: LookupCache | null;
  /** How often a question is asked again after an error of the other side. */
  readonly retriesMax: number;
}

/** How long after one attempt the next is made, and how many there are behind the first. */
export interface LookupRetry {
  readonly delayMs: number;
  readonly attemptsMax: number;
}
