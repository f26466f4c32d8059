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
  /**
   * Whether the broker has just taken a batch of ours and another one is waiting. A broker that does not know the producer, being
   * new to it or just back, accepts any sequence number: of several first batches it may refuse one and take the next.
   */
  proven = false;
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

  /** How many batches may be under way, of the `inFlightMax` of the producer. */
  inFlightLimit(inFlightMax: number): number {
    return this.proven ? inFlightMax : 1;
  }

  nextUnsent(): PendingBatch | undefined {
    return this.pending.find((pending) => !pending.sent);
  }

  /** The broker has it. */
  acknowledge(pending: PendingBatch): void {
    this.pending.splice(this.pending.indexOf(pending), 1);
    this.attempts = 0;
    this.proven = !this.recovering && this.pending.length > 0;
  }

  /** What is under way is to be repeated. */
  interrupt(): void {
    this.recovering = true;
    this.proven = false;
  }
}
