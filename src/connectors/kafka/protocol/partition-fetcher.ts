import { assert, type Clock, SqlError, SqlState, type Timer, toSqlError } from '../../../base/index.ts';
import { AssignedPartition } from './assigned-partition.ts';
import type { AssignedOffset, FetchEvent, PartitionPosition } from './fetch-event.ts';
import type { KafkaConnection } from './kafka-connection.ts';
import { KafkaError, mayPass } from './kafka-error.ts';
import { backoffMs, pause } from './pause.ts';
import { type FetchedPartition, type IsolationLevel, offsetAfter } from './records/index.ts';
import { ErrorCode, type FetchPartitionAnswer, fetchRequest, isRetriable } from './wire/index.ts';

export interface FetcherOptions {
  readonly isolation: IsolationLevel;
  /** How long a broker holds a fetch that has nothing to answer. */
  readonly waitMsMax: number;
  readonly bytesMin: number;
  /** For one answer; a single larger batch is delivered all the same. */
  readonly bytesMax: number;
  readonly partitionBytesMax: number;
  /** Bytes fetched ahead of the reader, shared evenly by the partitions; each may exceed its share by one fetch. */
  readonly prefetchBytesMax: number;
  /** A follower answers a fetch without complaint, so the leaders are looked up this often. */
  readonly metadataAgeMsMax: number;
  /** How long a topic may be unknown to the cluster before that is a failure. */
  readonly unknownTopicMsMax: number;
}

/** 4 MB a partition was the fastest fetch size measured, and more ahead of the reader only leaves the processor's cache; the rest follows the Java client. */
export const fetcherDefaults: FetcherOptions = {
  isolation: 'read_committed',
  waitMsMax: 500,
  bytesMin: 1,
  bytesMax: 16 * 1024 * 1024,
  partitionBytesMax: 4 * 1024 * 1024,
  prefetchBytesMax: 8 * 1024 * 1024,
  metadataAgeMsMax: 5_000,
  unknownTopicMsMax: 10_000,
};

/** The wait of a fetch that had to leave a partition out: as soon as the reader has caught up, it has to be asked again. */
const HELD_BACK_WAIT_MS = 20;

/**
 * Fetches assigned partitions from explicit offsets, without a consumer group.
 *
 * One loop a leader: a fetch is under way while the answers before it wait in a queue, so the broker works while the reader
 * decodes. Losing a connection or a leader never loses or repeats a record: the next offset is moved only by an answer, and
 * the same offset is asked again elsewhere. It retries for ever, with `retryCause` saying why; what cannot pass by waiting
 * is an event. Uses the connection's fetch socket alone: give every fetcher its own KafkaConnection.
 */
export class PartitionFetcher {
  readonly #connection: KafkaConnection;
  readonly #clock: Clock;
  readonly #options: FetcherOptions;
  readonly #onReady: () => void;
  /** In the order in which they are asked; a partition that answered moves to the end, so that none starves. */
  readonly #partitions = new Map<string, AssignedPartition>();
  readonly #loops = new Set<number>();
  readonly #sleepers = new Set<() => void>();
  readonly #queue: FetchEvent[] = [];
  #readers: (() => void)[] = [];
  #generation = 0;
  #readyAnnounced = false;
  #locating = false;
  #refreshTimer: Timer | undefined;
  #retryCause: SqlError | undefined;
  #closed = false;

  /** `onReady` is called, in a turn of its own, when `poll` has something after it had nothing. */
  constructor(connection: KafkaConnection, options: Partial<FetcherOptions> = {}, onReady: () => void = () => undefined) {
    this.#connection = connection;
    this.#clock = connection.clock;
    this.#options = { ...fetcherDefaults, ...options };
    this.#onReady = onReady;
  }

  /** Adds partitions, each from the offset given. */
  assign(assigned: readonly AssignedOffset[]): void {
    for (const start of assigned) {
      const key = keyOf(start.topic, start.partition);
      assert(!this.#partitions.has(key), `partition ${start.partition} of "${start.topic}" is assigned once`);
      this.#partitions.set(key, new AssignedPartition(start, ++this.#generation));
    }
    this.#refreshTimer ??= this.#clock.every(this.#options.metadataAgeMsMax, () => void this.#refreshLeaders());
    void this.#locate(0);
  }

  /** Takes a partition away; what was fetched of it and not taken is dropped. */
  unassign(topic: string, partition: number): void {
    const state = this.#state(topic, partition);
    this.#dropQueued(state);
    this.#partitions.delete(keyOf(topic, partition));
    this.#wake();
  }

  /** Continues a partition from another offset; what was fetched of it and not taken is dropped. Also ends a rest. */
  seek({ topic, partition, offset }: AssignedOffset): void {
    const state = this.#state(topic, partition);
    this.#dropQueued(state);
    state.nextOffset = offset;
    state.generation = ++this.#generation;
    state.resting = false;
    state.unknownSinceMs = undefined;
    if (state.leader === undefined) void this.#locate(0);
    else this.#startLoops();
  }

  /** Stops fetching a partition; what is already fetched is still delivered. */
  pause(topic: string, partition: number): void {
    this.#state(topic, partition).paused = true;
  }

  resume(topic: string, partition: number): void {
    this.#state(topic, partition).paused = false;
    this.#wake();
  }

  position(topic: string, partition: number): PartitionPosition {
    return this.#state(topic, partition);
  }

  /** Why fetching does not get on at the moment; undefined when it does. */
  get retryCause(): SqlError | undefined {
    return this.#retryCause;
  }

  /** The oldest event that was not taken, or undefined. */
  poll(): FetchEvent | undefined {
    const event = this.#queue.shift();
    if (event?.kind !== 'records') return event;
    const state = this.#partitions.get(keyOf(event.fetched.topic, event.fetched.partition));
    if (state !== undefined) state.queuedBytes -= event.fetched.records.length;
    this.#wake();
    return event;
  }

  /** The reader has done with records: their memory receives others from now on. Those never released are only not used again. */
  release(fetched: FetchedPartition): void {
    this.#connection.receiveBuffers.release(fetched.records);
  }

  /** Waits for the next event; undefined after `close`. */
  async next(): Promise<FetchEvent | undefined> {
    for (;;) {
      const event = this.poll();
      if (event !== undefined || this.#closed) return event;
      await new Promise<void>((resolve) => this.#readers.push(resolve));
    }
  }

  /** Ends fetching; the connection stays with its owner. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#refreshTimer?.cancel();
    this.#queue.length = 0;
    this.#wake();
    this.#announce();
  }

  async #runLoop(nodeId: number): Promise<void> {
    while (!this.#closed) {
      const led = [...this.#partitions.values()].filter((state) => state.leader === nodeId && !state.resting);
      if (led.length === 0) break;
      const share = this.#options.prefetchBytesMax / this.#partitions.size;
      const wanted = led.filter((state) => state.wanted);
      const due = wanted.filter((state) => state.queuedBytes < share);
      if (due.length === 0) await new Promise<void>((resolve) => this.#sleepers.add(resolve));
      else await this.#fetch(nodeId, due, due.length < wanted.length);
    }
    this.#loops.delete(nodeId);
    // A partition may have come back to this leader while the loop was ending.
    if (!this.#closed) this.#startLoops();
  }

  async #fetch(nodeId: number, due: readonly AssignedPartition[], heldBack: boolean): Promise<void> {
    const waitMsMax = heldBack ? HELD_BACK_WAIT_MS : this.#options.waitMsMax;
    const targets = due.map((state) => ({ topic: state.topic, partition: state.partition, offset: state.nextOffset }));
    const asked = new Map(due.map((state) => [keyOf(state.topic, state.partition), state.generation]));
    for (const state of due) state.inFlight = true;
    try {
      const answer = await this.#connection.send(nodeId, fetchRequest(targets, { ...this.#options, waitMsMax }), waitMsMax);
      if (answer.errorCode !== ErrorCode.none) throw new KafkaError({ errorCode: answer.errorCode, action: 'fetch from', subject: `node ${nodeId}` });
      for (const partition of answer.partitions) {
        const key = keyOf(partition.topic, partition.partition);
        const state = this.#partitions.get(key);
        if (state !== undefined && state.generation === asked.get(key)) this.#apply(state, partition);
      }
    } catch (error) {
      if (mayPass(error)) this.#loseLeader(due, toSqlError(error));
      else for (const state of due) this.#fail(state, toSqlError(error));
    } finally {
      for (const state of due) state.inFlight = false;
      // A partition that moved to another leader meanwhile is waited for by that leader's loop.
      this.#wake();
    }
  }

  #apply(state: AssignedPartition, answer: FetchPartitionAnswer): void {
    const { errorCode } = answer;
    if (errorCode === ErrorCode.none) this.#accept(state, answer);
    else if (errorCode === ErrorCode.offsetOutOfRange) void this.#reportOutOfRange(state);
    else if (errorCode === ErrorCode.unknownTopicOrPartition) this.#noteUnknown(state);
    else if (isRetriable(errorCode)) this.#loseLeader([state], fetchError(state, errorCode));
    else this.#fail(state, fetchError(state, errorCode));
  }

  #accept(state: AssignedPartition, answer: FetchPartitionAnswer): void {
    const fetchOffset = state.nextOffset;
    state.highWatermark = answer.highWatermark;
    state.lastStableOffset = answer.lastStableOffset;
    state.logStartOffset = answer.logStartOffset;
    state.unknownSinceMs = undefined;
    this.#retryCause = undefined;
    if (answer.records.length === 0) return;
    state.nextOffset = offsetAfter(answer.records, fetchOffset);
    if (state.nextOffset === fetchOffset) {
      this.#fail(state, unreadableAnswer(state));
      return;
    }
    state.queuedBytes += answer.records.length;
    const { topic, partition, highWatermark, lastStableOffset, logStartOffset, abortedTransactions, records } = answer;
    const fetched = { topic, partition, fetchOffset, highWatermark, lastStableOffset, logStartOffset, abortedTransactions, records };
    this.#connection.receiveBuffers.use(records);
    this.#push({ kind: 'records', fetched });
    const key = keyOf(topic, partition);
    this.#partitions.delete(key);
    this.#partitions.set(key, state);
  }

  /** The answer that refuses an offset does not say which ones exist, so they are asked for. */
  async #reportOutOfRange(state: AssignedPartition): Promise<void> {
    const { topic, partition, nextOffset: offset, generation } = state;
    state.resting = true;
    try {
      const first = await this.#connection.listOffsets(topic, 'earliest', { partitions: [partition] });
      const end = await this.#connection.listOffsets(topic, 'latest', { partitions: [partition] });
      if (state.generation !== generation) return;
      const logStartOffset = Number(first.get(partition));
      const highWatermark = Number(end.get(partition));
      this.#push({ kind: 'offset-out-of-range', topic, partition, offset, logStartOffset, highWatermark });
    } catch (error) {
      if (state.generation === generation) this.#fail(state, toSqlError(error));
    }
  }

  #noteUnknown(state: AssignedPartition): void {
    const nowMs = this.#clock.monotonicMs();
    state.unknownSinceMs ??= nowMs;
    const error = fetchError(state, ErrorCode.unknownTopicOrPartition);
    if (nowMs - state.unknownSinceMs >= this.#options.unknownTopicMsMax) this.#fail(state, error);
    else this.#loseLeader([state], error);
  }

  #fail(state: AssignedPartition, error: SqlError): void {
    state.resting = true;
    this.#push({ kind: 'failed', topic: state.topic, partition: state.partition, error });
  }

  #loseLeader(states: readonly AssignedPartition[], cause: SqlError): void {
    if (this.#closed) return;
    this.#retryCause = cause;
    for (const state of states) state.leader = undefined;
    void this.#locate(1);
  }

  /** Looks up leaders until every partition that needs one has it. One run at a time; `attempt` 0 begins without a pause. */
  async #locate(attempt: number): Promise<void> {
    if (this.#locating) return;
    this.#locating = true;
    // Partitions assigned in the same turn are looked up together.
    await Promise.resolve();
    for (let round = attempt; !this.#closed; round++) {
      if (round > 0) await pause(this.#clock, backoffMs(round));
      const lost = [...this.#partitions.values()].filter((state) => state.needsLeader);
      if (lost.length === 0 || this.#closed) break;
      await this.#locateOnce(lost);
    }
    this.#locating = false;
  }

  async #locateOnce(lost: readonly AssignedPartition[]): Promise<void> {
    try {
      await this.#connection.refreshMetadata([...new Set(lost.map((state) => state.topic))]);
    } catch (error) {
      const cause = toSqlError(error);
      if (mayPass(error)) this.#retryCause = cause;
      else for (const state of lost) this.#fail(state, cause);
      return;
    }
    for (const state of lost) {
      state.leader = this.#connection.leaderOf(state.topic, state.partition);
      if (state.leader === undefined && !this.#connection.knows(state.topic, state.partition)) this.#noteUnknown(state);
    }
    this.#startLoops();
  }

  async #refreshLeaders(): Promise<void> {
    const settled = [...this.#partitions.values()].filter((state) => state.leader !== undefined);
    try {
      await this.#connection.refreshMetadata([...new Set(settled.map((state) => state.topic))]);
    } catch {
      // The fetch under way meets the same trouble and is the one that retries.
      return;
    }
    for (const state of settled) state.leader = this.#connection.leaderOf(state.topic, state.partition) ?? state.leader;
    this.#startLoops();
    this.#wake();
  }

  #startLoops(): void {
    for (const { leader, resting } of this.#partitions.values()) {
      if (leader === undefined || resting || this.#loops.has(leader)) continue;
      this.#loops.add(leader);
      void this.#runLoop(leader);
    }
    this.#wake();
  }

  #wake(): void {
    if (this.#sleepers.size === 0) return;
    const sleepers = [...this.#sleepers];
    this.#sleepers.clear();
    for (const resume of sleepers) resume();
  }

  #push(event: FetchEvent): void {
    if (this.#closed) return;
    this.#queue.push(event);
    this.#announce();
  }

  /** In a turn of its own: the loop first sends its next fetch, then the reader may begin to decode this one. */
  #announce(): void {
    if (this.#readyAnnounced) return;
    this.#readyAnnounced = true;
    setImmediate(() => {
      this.#readyAnnounced = false;
      const readers = this.#readers;
      this.#readers = [];
      for (const resume of readers) resume();
      this.#onReady();
    });
  }

  #dropQueued(state: AssignedPartition): void {
    const kept = this.#queue.filter((event) => {
      const about = event.kind === 'records' ? event.fetched : event;
      return about.topic !== state.topic || about.partition !== state.partition;
    });
    this.#queue.splice(0, this.#queue.length, ...kept);
    state.queuedBytes = 0;
  }

  #state(topic: string, partition: number): AssignedPartition {
    const state = this.#partitions.get(keyOf(topic, partition));
    assert(state !== undefined, `partition ${partition} of "${topic}" is assigned`);
    return state;
  }
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

function fetchError(state: AssignedPartition, errorCode: number): KafkaError {
  return new KafkaError({ errorCode, action: 'fetch', subject: `topic "${state.topic}", partition ${state.partition}` });
}

function unreadableAnswer(state: AssignedPartition): SqlError {
  return new SqlError({
    code: SqlState.protocolViolation,
    message: `Kafka sent no complete record batch of topic "${state.topic}", partition ${state.partition}, offset ${state.nextOffset}`,
    class: 'external',
  });
}
