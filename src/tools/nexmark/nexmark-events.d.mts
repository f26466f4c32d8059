/** Types of nexmark-events.mjs, which is plain JavaScript so that the benchmark runs it before anything is built. */
export interface NexmarkOptions {
  /** Bids go to any of so many auctions, evenly; 0 (the default): as published. */
  readonly uniformKeys?: number;
  /** The rate of event time, by default 10,000. At most 1,000 gives every event a time of its own. */
  readonly eventsPerSecond?: number;
}

/** Event n as one JSON text; the same whatever was asked for before it. */
export function nexmarkEvent(event: number, options?: NexmarkOptions): string;

/** Events 0 to count-1 as lines, in pieces of some thousand. */
export function nexmarkPieces(count: number, options?: NexmarkOptions): Generator<readonly string[]>;
