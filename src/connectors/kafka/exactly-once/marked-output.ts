import type { SqlError } from '../../../base/index.ts';
import type { PartitionBatch } from '../row-records.ts';
import type { Marker } from './marker.ts';

/**
 * The right to write, from `open` until the first error. Whoever opens later takes it away; nothing of what the earlier one has begun and not committed is ever
 * seen.
 */
export interface OutputSession {
  /** The newest committed one, or the first of all. */
  readonly marker: Marker;
  readonly partitionCount: number;
  /** Why it does not get on at the moment. */
  readonly retryCause: SqlError | undefined;
  /** Batches and marker together or not at all. After an error nobody knows which: only the marker of the next session tells. */
  commit(batches: readonly PartitionBatch[], marker: Marker): Promise<void>;
  /** At once, in the middle of whatever it does. */
  close(): void;
}

/** Where records and the marker of what is committed go in one transaction. */
export interface MarkedOutput {
  open(): Promise<OutputSession>;
}
