import type { SqlError } from '../../../base/index.ts';
import type { FetchedPartition } from './records/index.ts';

/** What a PartitionFetcher hands over. After the last two kinds the partition rests until somebody seeks. */
export type FetchEvent =
  | { readonly kind: 'records'; readonly fetched: FetchedPartition }
  | {
      /** The asked offset is gone or was never there. Nobody resets silently: the reader decides. */
      readonly kind: 'offset-out-of-range';
      readonly topic: string;
      readonly partition: number;
      readonly offset: number;
      readonly logStartOffset: number;
      readonly highWatermark: number;
    }
  | { readonly kind: 'failed'; readonly topic: string; readonly partition: number; readonly error: SqlError };

export interface AssignedOffset {
  readonly topic: string;
  readonly partition: number;
  /** The first offset to deliver. */
  readonly offset: number;
}

/** How far one partition has been fetched; not how far it has been read. */
export interface PartitionPosition {
  readonly nextOffset: number;
  /** -1 until the first answer. */
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
}
