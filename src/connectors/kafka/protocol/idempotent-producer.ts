import { assert, type Clock, SqlError, SqlState, toSqlError } from '../../../base/index.ts';
import type { KafkaConnection } from './kafka-connection.ts';
import { connectionFailure, KafkaError, mayPass } from './kafka-error.ts';
import { backoffMs, pause, retrying } from './pause.ts';
import { type PendingBatch, ProduceLane } from './produce-lane.ts';
import { type EncodedBatch, stampBatch } from './records/index.ts';
import { ErrorCode, initProducerIdRequest, type ProducerIdentity, produceRequest } from './wire/index.ts';

export interface ProducerOptions {
  /** Batches of one partition under way at a time. The broker remembers five, so a repeated one is recognised up to that. */
  readonly inFlightMax: number;
  /** How long a batch is repeated before the producer fails. */
  readonly deliveryTimeoutMs: number;
}

export const producerDefaults: ProducerOptions = { inFlightMax: 4, deliveryTimeoutMs: 120_000 };

/** Of interest to transactional producers only; a plain one sends it because the request has the field. */
const TRANSACTION_TIMEOUT_MS = 60_000;
const BROKER_WINDOW_BATCHES = 5;

/** What a producer asks of its connection. */
export type ProducerConnection = Pick<KafkaConnection, 'clock' | 'requestTimeoutMs' | 'sendToAny' | 'leaderOf' | 'send' | 'refreshMetadata'>;

/**
 * Writes record batches once each and in order per partition, across lost connections, restarts and new leaders (KIP-98).
 *
 * A batch keeps its sequence number for ever; whatever happened to an attempt, sending it again is safe. When an attempt fails
 * the lane waits for everything under way, then repeats all of it in order, the first one alone: only a broker
 * that has taken one batch refuses those that come too early. A failure that cannot pass leaves a gap in the sequence, so it
 * ends the producer: every waiting batch is rejected and a new producer is needed.
 *
 * One thing is not in our hands: a broker that comes back from a crash forgets producers whose newest *record timestamp* is
 * older than its `producer.id.expiration.ms` (a day), whatever the clock says. Records with old timestamps may therefore be
 * doubled by a broker crash; a sink that must not double them writes the current time, or needs transactions.
 */
export class IdempotentProducer {
  readonly #connection: ProducerConnection;
  readonly #clock: Clock;
  readonly #options: ProducerOptions;
  readonly #identity: ProducerIdentity;
  readonly #lanes = new Map<string, ProduceLane>();
  #waiters: { readonly bytesMax: number; readonly resume: () => void }[] = [];
  #pendingBytes = 0;
  #failure: SqlError | undefined;
  #retryCause: SqlError | undefined;
  #closed = false;

  /** Asks the cluster for a producer id. */
  static async open(connection: ProducerConnection, options: Partial<ProducerOptions> = {}): Promise<IdempotentProducer> {
    const retry = { clock: connection.clock, timeoutMs: connection.requestTimeoutMs, mayPass };
    const identity = await retrying(retry, async () => {
      const request = initProducerIdRequest({ transactionalId: null, transactionTimeoutMs: TRANSACTION_TIMEOUT_MS });
      const answer = await connection.sendToAny(request);
      if (answer.errorCode !== ErrorCode.none) {
        throw new KafkaError({ errorCode: answer.errorCode, action: 'give', subject: 'a producer id' });
      }
      return { transactionalId: null, producerId: answer.producerId, producerEpoch: answer.producerEpoch };
    });
    return new IdempotentProducer(connection, identity, { ...producerDefaults, ...options });
  }

  /** Writes as somebody the broker knows already: the records of a transactional producer. */
  static withIdentity(connection: ProducerConnection, identity: ProducerIdentity, options: Partial<ProducerOptions> = {}): IdempotentProducer {
    return new IdempotentProducer(connection, identity, { ...producerDefaults, ...options });
  }

  private constructor(connection: ProducerConnection, identity: ProducerIdentity, options: ProducerOptions) {
    assert(options.inFlightMax >= 1 && options.inFlightMax < BROKER_WINDOW_BATCHES, 'batches under way fit the window of the broker');
    this.#connection = connection;
    this.#clock = connection.clock;
    this.#identity = identity;
    this.#options = options;
  }

  /** Bytes of batches that are not acknowledged. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Why the producer can no longer be used, if so. */
  get failure(): SqlError | undefined {
    return this.#failure;
  }

  /** Why batches do not get on at the moment; undefined when they do. */
  get retryCause(): SqlError | undefined {
    return this.#retryCause;
  }

  /**
   * Takes over a batch. Resolves with the offset of its first record when all in-sync replicas have it (-1n when the broker
   * has it from an earlier attempt and no longer knows where). A caller that only uses `flush` may ignore the promise.
   */
  send(topic: string, partition: number, batch: EncodedBatch): Promise<bigint> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const lane = this.#lane(topic, partition);
    const { transactionalId, producerId, producerEpoch } = this.#identity;
    const baseSequence = lane.takeSequence(batch.recordCount);
    stampBatch(batch, { producerId, producerEpoch, baseSequence, transactional: transactionalId !== null });
    this.#pendingBytes += batch.bytes.length;
    const acknowledged = new Promise<bigint>((resolve, reject) => {
      const deadlineMs = this.#clock.monotonicMs() + this.#options.deliveryTimeoutMs;
      lane.pending.push({ batch, deadlineMs, sent: false, resolve, reject });
    });
    acknowledged.catch(() => undefined);
    this.#pump(lane);
    return acknowledged;
  }

  /** Waits until at most `bytesMax` are not acknowledged: the producer's backpressure. Throws when the producer has failed. */
  async drained(bytesMax: number): Promise<void> {
    if (this.#pendingBytes > bytesMax && this.#failure === undefined) {
      await new Promise<void>((resume) => this.#waiters.push({ bytesMax, resume }));
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Waits until everything sent so far and meanwhile is acknowledged. */
  flush(): Promise<void> {
    return this.drained(0);
  }

  /** Gives up what is not acknowledged; the connection stays with its owner. Call `flush` before to lose nothing. */
  close(): void {
    this.#closed = true;
    this.#fail(connectionFailure('the cluster', new Error('the producer was closed')));
  }

  #pump(lane: ProduceLane): void {
    while (!lane.recovering && lane.inFlight < lane.inFlightLimit(this.#options.inFlightMax) && this.#failure === undefined) {
      const next = lane.nextUnsent();
      if (next === undefined) return;
      next.sent = true;
      lane.inFlight++;
      void this.#transmit(lane, next);
    }
  }

  async #transmit(lane: ProduceLane, pending: PendingBatch): Promise<void> {
    try {
      const baseOffset = await this.#produce(lane, pending);
      this.#acknowledge(lane, pending, baseOffset);
    } catch (error) {
      this.#noteFailure(lane, pending, error);
    }
    lane.inFlight--;
    if (!lane.recovering) this.#pump(lane);
    else if (lane.inFlight === 0) void this.#recover(lane);
  }

  async #produce(lane: ProduceLane, pending: PendingBatch): Promise<bigint> {
    const { topic, partition } = lane;
    const leader = this.#connection.leaderOf(topic, partition);
    if (leader === undefined) throw produceError(lane, ErrorCode.leaderNotAvailable);
    const timeoutMs = this.#connection.requestTimeoutMs;
    const options = { transactionalId: this.#identity.transactionalId, timeoutMs };
    const answer = await this.#connection.send(leader, produceRequest({ topic, partition, bytes: pending.batch.bytes }, options));
    if (answer.errorCode === ErrorCode.none) return answer.baseOffset;
    if (answer.errorCode === ErrorCode.duplicateSequenceNumber) return -1n;
    throw produceError(lane, answer.errorCode);
  }

  #acknowledge(lane: ProduceLane, pending: PendingBatch, baseOffset: bigint): void {
    if (this.#failure !== undefined) return;
    lane.acknowledge(pending);
    this.#retryCause = undefined;
    this.#pendingBytes -= pending.batch.bytes.length;
    pending.resolve(baseOffset);
    this.#resumeWaiters();
  }

  #noteFailure(lane: ProduceLane, pending: PendingBatch, error: unknown): void {
    // Another batch has failed for good while this one was under way: nothing is pending any more.
    if (this.#failure !== undefined) return;
    const code = error instanceof KafkaError ? error.errorCode : undefined;
    // A batch that overtook a failed one is out of order only until that one is repeated.
    const overtook = code === ErrorCode.outOfOrderSequenceNumber && lane.pending[0] !== pending;
    const topicMayAppear = code === ErrorCode.unknownTopicOrPartition;
    if (!overtook && !topicMayAppear && !mayPass(error)) this.#fail(toSqlError(error));
    else if (this.#clock.monotonicMs() > lane.pending[0]!.deadlineMs) this.#fail(deliveryTimeout(lane, this.#options.deliveryTimeoutMs, error));
    else {
      lane.interrupt();
      this.#retryCause = toSqlError(error);
    }
  }

  async #recover(lane: ProduceLane): Promise<void> {
    for (const pending of lane.pending) pending.sent = false;
    lane.attempts++;
    await pause(this.#clock, backoffMs(lane.attempts));
    if (this.#closed || this.#failure !== undefined) return;
    try {
      await this.#connection.refreshMetadata([lane.topic]);
    } catch {
      // The next attempt meets the same trouble, reports it and is counted against the delivery time.
    }
    lane.recovering = false;
    this.#pump(lane);
  }

  #fail(error: SqlError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    for (const lane of this.#lanes.values()) {
      for (const pending of lane.pending) pending.reject(error);
      lane.pending.length = 0;
    }
    this.#pendingBytes = 0;
    this.#resumeWaiters();
  }

  #resumeWaiters(): void {
    const satisfied = this.#waiters.filter((waiter) => this.#pendingBytes <= waiter.bytesMax);
    if (satisfied.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => this.#pendingBytes > waiter.bytesMax);
    for (const waiter of satisfied) waiter.resume();
  }

  #lane(topic: string, partition: number): ProduceLane {
    const key = `${topic}/${partition}`;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = new ProduceLane(topic, partition);
      this.#lanes.set(key, lane);
    }
    return lane;
  }
}

function produceError(lane: ProduceLane, errorCode: number): KafkaError {
  return new KafkaError({ errorCode, action: 'write to', subject: `topic "${lane.topic}", partition ${lane.partition}` });
}

function deliveryTimeout(lane: ProduceLane, timeoutMs: number, cause: unknown): SqlError {
  return new SqlError({
    code: SqlState.externalSystemError,
    message: `Kafka did not accept records for topic "${lane.topic}", partition ${lane.partition} within ${timeoutMs} ms`,
    detail: cause instanceof Error ? cause.message : undefined,
    class: 'external',
    cause,
  });
}
