import type { AssignedOffset, PartitionPosition } from './fetch-event.ts';

/** What a fetcher knows of one of its partitions. Owned and changed by PartitionFetcher alone. */
export class AssignedPartition implements PartitionPosition {
  readonly topic: string;
  readonly partition: number;
  nextOffset: number;
  highWatermark = -1;
  lastStableOffset = -1;
  logStartOffset = -1;
  /** Node that is asked; undefined while the leader has to be looked up. */
  leader: number | undefined;
  /** Different after every assignment and seek: an answer to an older question is thrown away. */
  generation: number;
  paused = false;
  /** After an event that the reader has to decide about. */
  resting = false;
  inFlight = false;
  /** Bytes fetched and not yet taken. */
  queuedBytes = 0;
  /** Since when brokers say that they do not know the partition, monotonic milliseconds. */
  unknownSinceMs: number | undefined;

  constructor({ topic, partition, offset }: AssignedOffset, generation: number) {
    this.topic = topic;
    this.partition = partition;
    this.nextOffset = offset;
    this.generation = generation;
  }

  get needsLeader(): boolean {
    return this.leader === undefined && !this.resting;
  }

  /** To be asked in the next fetch, unless too much of it waits to be taken. */
  get wanted(): boolean {
    return !this.paused && !this.resting && !this.inFlight;
  }
}
