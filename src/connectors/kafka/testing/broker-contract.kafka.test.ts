import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../base/adapters/system-clock.ts';
import { seededRandom } from '../../../base/index.ts';
import { reasonToSkipKafkaTests, startBroker } from '../../../tools/kafka/index.ts';
import {
  connectionOptions,
  IdempotentProducer,
  KafkaConnection,
  type OpenLink,
  PartitionFetcher,
  RecordBatchEncoder,
  readCommittedRecords,
  TransactionalProducer,
} from '../protocol/index.ts';
import { stampBatch } from '../protocol/records/index.ts';
import {
  addPartitionsToTransactionRequest,
  ErrorCode,
  endTransactionRequest,
  initProducerIdRequest,
  produceRequest,
} from '../protocol/wire/index.ts';
import { MODEL_SERVERS, ModelCluster, modelLinks, noFaults } from './index.ts';

/** A cluster under the contract. */
interface Kafka {
  readonly servers: string;
  readonly openLink?: OpenLink;
  stop(): unknown;
}

const skip = await reasonToSkipKafkaTests();
const clusters: readonly (readonly [name: string, skipped: boolean, start: () => Promise<Kafka>])[] = [
  ['the model', false, async () => startModel()],
  [
    'a real broker',
    skip !== undefined,
    async () => {
      const broker = await startBroker();
      return { servers: broker.bootstrapServers, stop: () => broker.stop() };
    },
  ],
];

function startModel(): Kafka {
  const random = seededRandom(11);
  const cluster = new ModelCluster(systemClock, random);
  return { servers: MODEL_SERVERS, openLink: modelLinks(cluster, random, () => noFaults), stop: () => undefined };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function batchOf(...values: readonly string[]) {
  const encoder = new RecordBatchEncoder();
  for (const value of values) encoder.append({ key: null, value: bytes(value), timestampMs: Date.now() });
  const { bytes: encoded, recordCount } = encoder.take();
  return { bytes: encoded.slice(), recordCount };
}

describe.each(clusters)('%s', (name, skipped, start) => {
  describe.skipIf(skipped)('as a cluster', () => {
    let kafka: Kafka;
    let last = 0;
    const opened: { close(): unknown }[] = [];

    beforeAll(async () => {
      kafka = await start();
    }, 120_000);
    afterEach(async () => {
      for (const one of opened.splice(0)) await one.close();
    });
    afterAll(async () => {
      await kafka?.stop();
    });

    async function connect(): Promise<KafkaConnection> {
      const connection = await KafkaConnection.open(connectionOptions({ 'bootstrap.servers': kafka.servers }), systemClock, kafka.openLink);
      opened.push(connection);
      return connection;
    }

    async function newTopic(partitions = 1): Promise<string> {
      const topic = `contract-${name.replaceAll(' ', '-')}-${++last}`;
      expect(await (await connect()).createTopic({ topic, partitions, replicationFactor: 1 })).toBe(true);
      return topic;
    }

    async function transactional(transactionalId: string): Promise<{ connection: KafkaConnection; producer: TransactionalProducer }> {
      const connection = await connect();
      return { connection, producer: await TransactionalProducer.open(connection, { transactionalId, transactionTimeoutMs: 30_000 }) };
    }

    async function committed(topic: string): Promise<string[]> {
      const values: string[] = [];
      await readCommittedRecords(await connect(), { topic, partition: 0, limitMs: 20_000 }, (_key, value) => {
        values.push(new TextDecoder().decode(value!));
      });
      return values;
    }

    test('a topic is made once, and its ends are known', async () => {
      const topic = await newTopic(2);
      const connection = await connect();
      expect(await connection.createTopic({ topic, partitions: 2, replicationFactor: 1 })).toBe(false);
      expect(await connection.partitionsOf(topic)).toEqual([0, 1]);
      const producer = await IdempotentProducer.open(connection);
      expect(await producer.send(topic, 1, batchOf('a', 'b'))).toBe(0n);
      expect(await producer.send(topic, 1, batchOf('c'))).toBe(2n);
      expect(await connection.listOffsets(topic, 'latest')).toEqual(
        new Map([
          [0, 0n],
          [1, 3n],
        ]),
      );
      expect((await connection.listOffsets(topic, 'earliest')).get(1)).toBe(0n);
      expect((await connection.listOffsets(topic, { timestampMs: BigInt(Date.now() + 1_000_000) })).get(1)).toBe(3n);
      await expect(connection.partitionsOf(`${topic}-not`)).rejects.toMatchObject({ code: 'FS001' });
    });

    test('an offset beyond the end is refused', async () => {
      const topic = await newTopic();
      const fetcher = new PartitionFetcher(await connect(), { waitMsMax: 100 });
      opened.push(fetcher);
      fetcher.assign([{ topic, partition: 0, offset: 7 }]);
      expect(await fetcher.next()).toMatchObject({ kind: 'offset-out-of-range', logStartOffset: 0, highWatermark: 0 });
    });

    test('a committed transaction is seen whole, an aborted one never, an open one hides what comes behind it', async () => {
      const topic = await newTopic();
      const { connection, producer } = await transactional(`${topic}-id`);
      await producer.begin([{ topic, partition: 0 }]);
      producer.send(topic, 0, batchOf('a1', 'a2'));
      await producer.end('commit');
      await producer.begin([{ topic, partition: 0 }]);
      producer.send(topic, 0, batchOf('b'));
      await producer.drained(0);
      await producer.end('abort');
      await producer.begin([{ topic, partition: 0 }]);
      producer.send(topic, 0, batchOf('c'));
      await producer.drained(0);
      const plain = await IdempotentProducer.open(connection);
      await plain.send(topic, 0, batchOf('d'));
      // Two records, a marker, one record, a marker: the open transaction begins at 5.
      const stable = await connection.listOffsets(topic, 'latest', { isolation: 'read_committed' });
      expect(stable.get(0)).toBe(5n);
      expect((await connection.listOffsets(topic, 'latest')).get(0)).toBe(7n);
      await expect(readCommittedRecords(await connect(), { topic, partition: 0, limitMs: 500 }, () => undefined)).rejects.toMatchObject({
        detail: 'A transaction that is open since offset 5 hides the rest.',
        hint: expect.stringContaining('find-hanging'),
      });
      await producer.end('commit');
      expect(await committed(topic)).toEqual(['a1', 'a2', 'c', 'd']);
    });

    test('a new producer of an id settles what the old one has left, and shuts that out', async () => {
      const topic = await newTopic();
      const old = await transactional(`${topic}-id`);
      await old.producer.begin([{ topic, partition: 0 }]);
      old.producer.send(topic, 0, batchOf('lost'));
      await old.producer.drained(0);
      const { producer } = await transactional(`${topic}-id`);
      await expect(old.producer.end('commit')).rejects.toMatchObject({ name: 'KafkaError' });
      await producer.begin([{ topic, partition: 0 }]);
      producer.send(topic, 0, batchOf('kept'));
      await producer.end('commit');
      expect(await committed(topic)).toEqual(['kept']);
    });

    test('a repeated batch is recognised, and one out of its turn refused', async () => {
      const topic = await newTopic();
      const connection = await connect();
      await connection.partitionsOf(topic);
      const leader = connection.leaderOf(topic, 0)!;
      const { producerId, producerEpoch } = await connection.sendToAny(initProducerIdRequest({ transactionalId: null, transactionTimeoutMs: 1000 }));
      const send = async (baseSequence: number, value: string): Promise<{ errorCode: number; baseOffset: bigint }> => {
        const batch = batchOf(value);
        stampBatch(batch, { producerId, producerEpoch, baseSequence, transactional: false });
        return connection.send(leader, produceRequest({ topic, partition: 0, bytes: batch.bytes }, { transactionalId: null, timeoutMs: 1000 }));
      };
      expect(await send(0, 'first')).toMatchObject({ errorCode: ErrorCode.none, baseOffset: 0n });
      expect(await send(1, 'second')).toMatchObject({ errorCode: ErrorCode.none, baseOffset: 1n });
      expect(await send(0, 'first')).toMatchObject({ errorCode: ErrorCode.none, baseOffset: 0n });
      expect((await send(5, 'too early')).errorCode).toBe(ErrorCode.outOfOrderSequenceNumber);
      expect(await committed(topic)).toEqual(['first', 'second']);
    });

    test('requests of a producer that was replaced are refused', async () => {
      const topic = await newTopic();
      const connection = await connect();
      const transactionalId = `${topic}-id`;
      const identity = async () => {
        const { producer } = await transactional(transactionalId);
        return producer;
      };
      const old = await identity();
      await old.begin([{ topic, partition: 0 }]);
      await identity();
      const { producerId, producerEpoch } = await connection
        .sendToAny(initProducerIdRequest({ transactionalId, transactionTimeoutMs: 30_000 }))
        .then((answer) => ({ ...answer, producerEpoch: answer.producerEpoch - 1 }));
      const replaced = { transactionalId, producerId, producerEpoch };
      const added = await connection.sendToAny(addPartitionsToTransactionRequest(replaced, [{ topic, partition: 0 }]));
      const refusals: number[] = [ErrorCode.invalidProducerEpoch, ErrorCode.producerFenced];
      expect(refusals).toContain(added.results[0]!.errorCode);
      expect(refusals).toContain((await connection.sendToAny(endTransactionRequest(replaced, 'commit'))).errorCode);
      expect(await committed(topic)).toEqual([]);
    });
  });
});
