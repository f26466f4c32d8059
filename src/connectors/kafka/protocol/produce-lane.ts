import type { EncodedBatch } from './records/index.ts';

/** A batch that is not acknowledged yet. */
export interface PendingBatch {
  readonly batch: EncodedBatch;
  /** Monotonic milliseconds after which the producer gives up. */
  readonly deadlineMs: number;
  sent: boolean;
  resolve(baseOffset: bigint): void;
  reject(error: unknown): void;
}

const SEQUENCE_LIMIT = 2 ** 31;

/** One partition's sequence: batches in the order of their sequence numbers, and how many of them are under way. */
export class ProduceLane {
  readonly topic: string;
  readonly partition: number;
  /** Not acknowledged, oldest first. */
  readonly pending: PendingBatch[] = [];
  inFlight = 0;
  /** While set nothing new is sent: what is under way is awaited, then everything pending is sent again in order. */
  recovering = false;
  attempts = 0;
  #nextSequence = 0;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  /** The base sequence for a batch of `recordCount` records; wraps after 2^31 as the broker expects. */
  takeSequence(recordCount: number): number {
    const sequence = this.#nextSequence;
    this.#nextSequence = (sequence + recordCount) % SEQUENCE_LIMIT;
    return sequence;
  }

  nextUnsent(): PendingBatch | undefined {
    return this.pending.find((pending) => !pending.sent);
  }

  remove(pending: PendingBatch): void {
    this.pending.splice(this.pending.indexOf(pending), 1);
  }
}
