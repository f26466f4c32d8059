import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, type Admin, Kafka, logLevel, type Producer, ResourcePatternTypes } from 'kafkajs';
import { systemClock } from '../../base/adapters/system-clock.ts';
import { connectionOptions, KafkaConnection, readCommittedRecords } from '../../connectors/kafka/protocol/index.ts';
import { type BrokerOptions, type RunningBroker, startBroker } from '../kafka/index.ts';
import { eventually } from './eventually.ts';

export interface SentMessage {
  readonly key?: string;
  /** Null: a tombstone. */
  readonly value: string | null;
  readonly partition: number;
}

/** A record as it stands in a topic. */
export interface StoredMessage {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
}

export interface AccessRight {
  readonly kind: 'topic' | 'transactional id';
  readonly name: string;
  readonly operation: 'describe' | 'write' | 'all';
}

/** One real broker, a producer and an administrator for the tests of one file. */
export class KafkaFixture {
  readonly broker: RunningBroker;
  readonly admin: Admin;
  readonly #kafka: Kafka;
  readonly #producer: Producer;

  private constructor(broker: RunningBroker) {
    this.broker = broker;
    this.#kafka = new Kafka({ brokers: [broker.bootstrapServers], logLevel: logLevel.NOTHING });
    this.admin = this.#kafka.admin();
    this.#producer = this.#kafka.producer();
  }

  static async start(options: BrokerOptions = {}): Promise<KafkaFixture> {
    const fixture = new KafkaFixture(await startBroker(options));
    await fixture.admin.connect();
    await fixture.#producer.connect();
    return fixture;
  }

  get servers(): string {
    return this.broker.bootstrapServers;
  }

  async stop(): Promise<void> {
    await this.#producer.disconnect().catch(() => undefined);
    await this.admin.disconnect().catch(() => undefined);
    await this.broker.stop();
  }

  async createTopic(topic: string, partitions = 2, settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    await this.admin.createTopics({ topics: [{ topic, numPartitions: partitions, replicationFactor: 1, configEntries }], waitForLeaders: false });
    // Waiting by kafkajs fails where the broker does not know the new name yet.
    await eventually(
      `topic ${topic} has leaders`,
      () => this.admin.fetchTopicMetadata({ topics: [topic] }),
      ({ topics }) => topics[0]?.partitions.filter(({ leader }) => leader >= 0).length === partitions,
    );
  }

  /** Gives a user a right on everything whose name begins so. */
  async allow(user: string, right: AccessRight): Promise<void> {
    const acl = {
      resourceType: right.kind === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.TRANSACTIONAL_ID,
      resourceName: right.name,
      resourcePatternType: ResourcePatternTypes.PREFIXED,
      principal: `User:${user}`,
      host: '*',
      operation: { describe: AclOperationTypes.DESCRIBE, write: AclOperationTypes.WRITE, all: AclOperationTypes.ALL }[right.operation],
      permissionType: AclPermissionTypes.ALLOW,
    };
    await this.admin.createAcls({ acl: [acl] });
  }

  /** Resolves when the broker has acknowledged them. */
  async produce(topic: string, messages: readonly SentMessage[]): Promise<void> {
    await this.#producer.send({ topic, messages: [...messages] });
  }

  /** Removes what stands before `offset` in partition 0, as retention does. */
  async deleteRecords(topic: string, offset: number): Promise<void> {
    // A client of its own: kafkajs looks a partition's leader up in what it knows of the topics it has used before.
    const admin = this.#kafka.admin();
    await admin.connect();
    try {
      await admin.fetchTopicMetadata({ topics: [topic] });
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });
    } finally {
      await admin.disconnect();
    }
  }

  /** What a reader of committed records finds in the topic now. kafkajs would wait for the transaction's end, which is no record. */
  async readCommitted(topic: string): Promise<Omit<StoredMessage, 'offset'>[]> {
    const connection = await KafkaConnection.open(connectionOptions({ 'bootstrap.servers': this.servers }), systemClock);
    const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString('utf8'));
    const found: Omit<StoredMessage, 'offset'>[] = [];
    try {
      for (const partition of await connection.partitionsOf(topic)) {
        await readCommittedRecords(connection, { topic, partition, limitMs: 120_000 }, (key, value) => {
          found.push({ partition, key: text(key), value: text(value) });
        });
      }
    } finally {
      await connection.close();
    }
    return found;
  }

  /** Everything in the topic now. */
  async readAll(topic: string): Promise<StoredMessage[]> {
    const ends = await this.admin.fetchTopicOffsets(topic);
    const missing = new Map(ends.map((end) => [end.partition, Number(end.high)] as const).filter(([, high]) => high > 0));
    const found: StoredMessage[] = [];
    if (missing.size === 0) return found;
    const consumer = this.#kafka.consumer({ groupId: `read-all-${performance.now()}` });
    try {
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await new Promise<void>((resolve, reject) => {
        consumer
          .run({
            eachMessage: async ({ partition, message }) => {
              const offset = Number(message.offset);
              found.push({ partition, offset, key: message.key?.toString() ?? null, value: message.value?.toString() ?? null });
              if (offset + 1 >= (missing.get(partition) ?? 0)) missing.delete(partition);
              if (missing.size === 0) resolve();
            },
          })
          .catch(reject);
      });
    } finally {
      await consumer.disconnect();
    }
    return found;
  }
}
