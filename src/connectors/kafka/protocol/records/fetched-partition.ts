/** What a source may see: every record, or only those outside open and aborted transactions. Kafka's own names. */
export type IsolationLevel = 'read_uncommitted' | 'read_committed';

/** A transaction that was aborted somewhere in the fetched range (Fetch response, aborted_transactions). */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

/** The answer for one partition of one fetch. `records` is a view of the received bytes, not a copy. */
export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  /** The offset that was asked for; the first batch may begin before it. */
  readonly fetchOffset: number;
  /** One past the last replicated record. */
  readonly highWatermark: number;
  /** One past the last record outside open transactions. */
  readonly lastStableOffset: number;
  /** The oldest offset that still exists. */
  readonly logStartOffset: number;
  readonly abortedTransactions: readonly AbortedTransaction[];
  readonly records: Uint8Array;
}
