import { type Clock, nearestNames, SqlError, SqlState } from '../../../base/index.ts';
import { type Link, networkLink, type OpenLink } from './broker-link.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { connectionCause, connectionFailure, isConnectionFailure, KafkaError, mayPass } from './kafka-error.ts';
import { retrying } from './pause.ts';
import { ReceiveBuffers } from './receive-buffers.ts';
import type { IsolationLevel } from './records/index.ts';
import {
  type BrokerAddress,
  createTopicRequest,
  deleteTopicRequest,
  ErrorCode,
  isRetriable,
  listOffsetsRequest,
  type MetadataAnswer,
  metadataRequest,
  type NewTopic,
  OffsetTimestamp,
  type ProtocolRequest,
  type ThrottledAnswer,
  type TopicMetadata,
} from './wire/index.ts';

/** A place in every asked partition. A timestamp means the first record at or after it (milliseconds since the epoch). */
export type OffsetPosition = 'earliest' | 'latest' | { readonly timestampMs: bigint };

/**
 * The connections to one cluster and what is known of it: brokers, topics, leaders.
 *
 * Requests of one connection to one broker are answered in order, so a long-polling reader needs a KafkaConnection of its own.
 */
export class KafkaConnection {
  /** Where large answers lie; whoever keeps one says so. */
  readonly receiveBuffers = new ReceiveBuffers();
  readonly #options: ConnectionOptions;
  readonly #clock: Clock;
  readonly #openLink: OpenLink;
  readonly #links = new Map<string, Link>();
  readonly #brokers = new Map<number, BrokerAddress>();
  readonly #topics = new Map<string, TopicMetadata>();
  #clusterId = '';
  #controllerId = -1;
  #closed = false;

  /**
   * Connects to the first bootstrap server that answers. Fails with 08006 naming every server and its cause, or 28P01, within
   * `connectTimeoutMs` for each server.
   */
  static async open(options: ConnectionOptions, clock: Clock, openLink: OpenLink = networkLink): Promise<KafkaConnection> {
    const connection = new KafkaConnection(options, clock, openLink);
    try {
      await connection.refreshMetadata([]);
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  private constructor(options: ConnectionOptions, clock: Clock, openLink: OpenLink) {
    this.#options = options;
    this.#clock = clock;
    this.#openLink = openLink;
  }

  get clock(): Clock {
    return this.#clock;
  }

  get clusterId(): string {
    return this.#clusterId;
  }

  get requestTimeoutMs(): number {
    return this.#options.requestTimeoutMs;
  }

  /** Every topic that is not internal to Kafka, sorted. */
  async topicNames(): Promise<string[]> {
    const answer = await this.sendToAny(metadataRequest('all'));
    return answer.topics
      .filter((topic) => !topic.internal)
      .map((topic) => topic.topic)
      .sort();
  }

  /** Partition numbers of a topic, ascending. A topic that does not exist: FS001 with the nearest names. */
  async partitionsOf(topic: string): Promise<number[]> {
    await this.refreshMetadata([topic]);
    const found = this.#topics.get(topic);
    if (found === undefined) throw await this.#unknownTopic(topic);
    return found.partitions.map((partition) => partition.partition).sort((left, right) => left - right);
  }

  /** Node id of the leader as last heard; undefined while unknown. */
  leaderOf(topic: string, partition: number): number | undefined {
    const found = this.#topics.get(topic)?.partitions.find((entry) => entry.partition === partition);
    return found === undefined || found.leader < 0 || !this.#brokers.has(found.leader) ? undefined : found.leader;
  }

  /** True when the cluster named the partition in its last answer about the topic. */
  knows(topic: string, partition: number): boolean {
    return this.#topics.get(topic)?.partitions.some((entry) => entry.partition === partition) ?? false;
  }

  /** Replicas of each partition of a topic that was asked about. */
  replicationOf(topic: string): number {
    return this.#topics.get(topic)?.partitions[0]?.replicaCount ?? 1;
  }

  /** Asks any broker about the topics and remembers the answer; a topic that is gone is forgotten. */
  async refreshMetadata(topics: readonly string[]): Promise<void> {
    const answer = await this.sendToAny(metadataRequest(topics));
    this.#remember(answer);
  }

  /**
   * Offsets of partitions (all of them when none are named). `latest` is the high watermark for read_uncommitted and the last
   * stable offset for read_committed. For a timestamp after the last record: the same as `latest`.
   */
  async listOffsets(
    topic: string,
    position: OffsetPosition,
    options: { readonly partitions?: readonly number[]; readonly isolation?: IsolationLevel } = {},
  ): Promise<Map<number, bigint>> {
    const partitions = options.partitions ?? (await this.partitionsOf(topic));
    const isolation = options.isolation ?? 'read_uncommitted';
    const offsets = await this.#retrying(async (attempt) => {
      const unknown = partitions.some((partition) => !this.knows(topic, partition));
      if (attempt > 1 || unknown) await this.refreshMetadata([topic]);
      return this.#listOffsetsOnce(topic, { partitions, isolation, timestamp: timestampOf(position) });
    });
    // No record is as late as the timestamp: the place where such a record would come is the end.
    const beyond = partitions.filter((partition) => (offsets.get(partition) ?? -1n) < 0n);
    if (beyond.length > 0 && position !== 'latest') {
      const ends = await this.listOffsets(topic, 'latest', { partitions: beyond, isolation });
      for (const [partition, offset] of ends) offsets.set(partition, offset);
    }
    return offsets;
  }

  /** Creates a topic and waits until every partition has a leader. False when it exists already. */
  async createTopic(topic: NewTopic): Promise<boolean> {
    const created = await this.#retrying(async () => {
      const outcome = await this.#sendToController(createTopicRequest(topic, this.#options.requestTimeoutMs));
      if (outcome.errorCode === ErrorCode.topicAlreadyExists) return false;
      this.#check(outcome.errorCode, { action: 'create', subject: `topic "${topic.topic}"`, detail: outcome.errorMessage ?? undefined });
      return true;
    });
    await this.#retrying(async () => {
      await this.refreshMetadata([topic.topic]);
      const partitions = this.#topics.get(topic.topic)?.partitions ?? [];
      const led = partitions.filter((entry) => this.leaderOf(topic.topic, entry.partition) !== undefined);
      // The broker that answers may not have heard of the topic yet.
      const complete = partitions.length > 0 && led.length === partitions.length;
      this.#check(complete ? ErrorCode.none : ErrorCode.leaderNotAvailable, { action: 'create', subject: `topic "${topic.topic}"` });
    });
    return created;
  }

  /** Deletes a topic; false when there is none. */
  async deleteTopic(topic: string): Promise<boolean> {
    const deleted = await this.#retrying(async () => {
      const outcome = await this.#sendToController(deleteTopicRequest(topic, this.#options.requestTimeoutMs));
      if (outcome.errorCode === ErrorCode.unknownTopicOrPartition) return false;
      this.#check(outcome.errorCode, { action: 'delete', subject: `topic "${topic}"` });
      return true;
    });
    this.#topics.delete(topic);
    return deleted;
  }

  /** Sends to one broker. Fails with 08006 when it cannot be reached; the next call tries a new connection. */
  async send<Answer extends ThrottledAnswer>(nodeId: number, request: ProtocolRequest<Answer>, waitMs = 0): Promise<Answer> {
    const address = this.#brokers.get(nodeId);
    if (address === undefined) throw connectionFailure(`node ${nodeId}`, new Error('the cluster does not name such a broker'));
    return this.#link(address).send(request, waitMs);
  }

  /** Ends all connections at once; requests under way fail. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }

  async #listOffsetsOnce(
    topic: string,
    query: { readonly partitions: readonly number[]; readonly isolation: IsolationLevel; readonly timestamp: bigint },
  ): Promise<Map<number, bigint>> {
    const byLeader = new Map<number, number[]>();
    for (const partition of query.partitions) {
      const leader = this.leaderOf(topic, partition);
      if (!this.knows(topic, partition)) throw this.#error(ErrorCode.unknownTopicOrPartition, listOffsetsOf(topic, partition));
      if (leader === undefined) throw this.#error(ErrorCode.leaderNotAvailable, listOffsetsOf(topic, partition));
      byLeader.set(leader, [...(byLeader.get(leader) ?? []), partition]);
    }
    const offsets = new Map<number, bigint>();
    for (const [leader, partitions] of byLeader) {
      const answer = await this.send(leader, listOffsetsRequest({ ...query, topic, partitions }));
      for (const entry of answer.offsets) {
        // The cluster knows the partition, so a leader that does not is only a moment behind.
        const behind = entry.errorCode === ErrorCode.unknownTopicOrPartition;
        this.#check(behind ? ErrorCode.leaderNotAvailable : entry.errorCode, listOffsetsOf(topic, entry.partition));
        offsets.set(entry.partition, entry.offset);
      }
    }
    return offsets;
  }

  async #sendToController<Answer extends ThrottledAnswer>(request: ProtocolRequest<Answer>): Promise<Answer> {
    await this.refreshMetadata([]);
    return this.send(this.#controllerId, request);
  }

  /** Sends to whichever broker answers; for requests that every broker can serve. */
  async sendToAny<Answer extends ThrottledAnswer>(request: ProtocolRequest<Answer>): Promise<Answer> {
    const failures: { readonly address: string; readonly error: unknown }[] = [];
    for (const target of this.#targets()) {
      const link = this.#link(target);
      try {
        return await link.send(request);
      } catch (error) {
        if (!isConnectionFailure(error)) throw error;
        failures.push({ address: link.address, error });
      }
    }
    throw allFailed(failures);
  }

  /** Connected brokers first, then the other known ones, then the bootstrap servers, each address once. */
  #targets(): { readonly host: string; readonly port: number }[] {
    const targets = new Map<string, { readonly host: string; readonly port: number }>();
    const known = [...this.#brokers.values()];
    const connected = known.filter((broker) => this.#links.get(`${broker.host}:${broker.port}`)?.closed === false);
    for (const target of [...connected, ...known, ...this.#options.bootstrapServers]) targets.set(`${target.host}:${target.port}`, target);
    return [...targets.values()];
  }

  #link(target: { readonly host: string; readonly port: number }): Link {
    const address = `${target.host}:${target.port}`;
    if (this.#closed) throw connectionFailure(address, new Error('the connection was closed'));
    let link = this.#links.get(address);
    if (link === undefined || link.closed) {
      link = this.#openLink({ host: target.host, port: target.port }, this.#options, { clock: this.#clock, buffers: this.receiveBuffers });
      this.#links.set(address, link);
    }
    return link;
  }

  #remember(answer: MetadataAnswer): void {
    this.#clusterId = answer.clusterId ?? '';
    this.#controllerId = answer.controllerId;
    this.#brokers.clear();
    for (const broker of answer.brokers) this.#brokers.set(broker.nodeId, broker);
    for (const topic of answer.topics) {
      if (topic.errorCode === ErrorCode.unknownTopicOrPartition) this.#topics.delete(topic.topic);
      else if (topic.errorCode === ErrorCode.none || isRetriable(topic.errorCode)) this.#topics.set(topic.topic, topic);
      else throw this.#error(topic.errorCode, { action: 'describe', subject: `topic "${topic.topic}"` });
    }
  }

  async #unknownTopic(topic: string): Promise<SqlError> {
    const near = nearestNames(topic, await this.topicNames());
    return new SqlError({
      code: SqlState.externalSystemError,
      message: `Kafka topic "${topic}" does not exist`,
      hint:
        near.length > 0
          ? `Perhaps you meant "${near[0]}".`
          : 'Create the topic with the tools of Kafka, or name other brokers in properties.bootstrap.servers.',
      class: 'external',
    });
  }

  #retrying<T>(action: (attempt: number) => Promise<T>): Promise<T> {
    return retrying({ clock: this.#clock, timeoutMs: this.#options.requestTimeoutMs, mayPass }, action);
  }

  #check(errorCode: number, about: { readonly action: string; readonly subject: string; readonly detail?: string | undefined }): void {
    if (errorCode !== ErrorCode.none) throw this.#error(errorCode, about);
  }

  #error(errorCode: number, about: { readonly action: string; readonly subject: string; readonly detail?: string | undefined }): KafkaError {
    return new KafkaError({ errorCode, ...about });
  }
}

function timestampOf(position: OffsetPosition): bigint {
  if (position === 'earliest') return OffsetTimestamp.earliest;
  return position === 'latest' ? OffsetTimestamp.latest : position.timestampMs;
}

function listOffsetsOf(topic: string, partition: number): { readonly action: string; readonly subject: string } {
  return { action: 'list the offsets of', subject: `topic "${topic}", partition ${partition}` };
}

function allFailed(failures: readonly { readonly address: string; readonly error: unknown }[]): SqlError {
  const first = failures[0]!.error as SqlError;
  if (failures.length === 1) return first;
  const addresses = failures.map((failure) => failure.address).join(',');
  const error = connectionFailure(addresses, new Error('no broker answered'));
  const detail = failures.map((failure) => `${failure.address}: ${connectionCause((failure.error as SqlError).cause ?? failure.error)}`).join('; ');
  return error.with({ detail, hint: first.hint, cause: first });
}
