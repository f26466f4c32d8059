import type { Batch } from './batch.ts';

/** Epoch numbers are 64-bit in files and on the wire; in memory a double is exact for 285,000 years of 1 ms epochs. */
export type Epoch = number;

/** Event-time progress: no row with an event time below `micros` (minus the declared lateness) will follow. MAX_WATERMARK ends the input. */
export interface Watermark {
  readonly kind: 'watermark';
  readonly micros: bigint;
}

/** End of bounded input. */
export const MAX_WATERMARK = 0x7fff_ffff_ffff_ffffn;
/** Before any event time is known. */
export const MIN_WATERMARK = -0x8000_0000_0000_0000n;

/** Ends epoch `epoch`. Everything before it on a channel belongs to that epoch or an earlier one. */
export interface Barrier {
  readonly kind: 'barrier';
  readonly epoch: Epoch;
  /** proctime() and now() of views in this epoch, micros since 1970 UTC. */
  readonly timestampMicros: bigint;
  /** Stateful operators take their snapshot when set. */
  readonly checkpoint: boolean;
  /** No element follows on this channel. */
  readonly last: boolean;
  /** Only where an epoch is processed in portions of its rows: another one follows, so that nothing goes or closes by time yet. */
  readonly rowsFollow?: true;
  /** Only of a new job that reads the history of a source: it comes over what is fed by that alone, and ends an epoch of nobody else. */
  readonly history?: true;
}

/** The end of an input whose producer has none of its own for it: the barrier's epoch, and its time, which is that of the newest epoch there has been. */
export type Closing = Pick<Barrier, 'epoch' | 'timestampMicros'>;

export interface DataElement {
  readonly kind: 'data';
  readonly batch: Batch;
}

export type StreamElement = DataElement | Watermark | Barrier;
