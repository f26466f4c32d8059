import { type Admin, CompressionTypes, Kafka, logLevel, type Producer } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../base/adapters/system-clock.ts';
import { type RunningBroker, reasonToSkipKafkaTests, startBroker } from '../../../tools/kafka/index.ts';
import {
  type Compression,
  connectionOptions,
  type FetchEvent,
  type FetcherOptions,
  IdempotentProducer,
  KafkaConnection,
  PartitionFetcher,
  partitionForKey,
  prepareZstd,
  RecordBatchEncoder,
  RecordBatchReader,
  RecordColumns,
  type RecordHeader,
  readHeaders,
} from './index.ts';

interface Row {
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly timestampMs: number;
  readonly headers: readonly (readonly [string, string | null])[];
}

const skip = await reasonToSkipKafkaTests();
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (data: Uint8Array | null): string | null => (data === null ? null : Buffer.from(data).toString('utf8'));

describe.skipIf(skip !== undefined)('against a real broker', () => {
  let broker: RunningBroker;
  let kafka: Kafka;
  let admin: Admin;
  let javascriptProducer: Producer;
  let topicCount = 0;
  const opened: { close(): unknown }[] = [];

  beforeAll(async () => {
    await prepareZstd();
    broker = await startBroker();
    kafka = new Kafka({ brokers: [broker.bootstrapServers], logLevel: logLevel.NOTHING });
    admin = kafka.admin();
    javascriptProducer = kafka.producer();
    await admin.connect();
    await javascriptProducer.connect();
  }, 120_000);

  afterEach(async () => {
    for (const resource of opened.splice(0).reverse()) await resource.close();
  });

  afterAll(async () => {
    await javascriptProducer?.disconnect().catch(() => undefined);
    await admin?.disconnect().catch(() => undefined);
    await broker?.stop();
  });

  async function connect(properties: Record<string, string> = {}): Promise<KafkaConnection> {
    const options = connectionOptions({ 'bootstrap.servers': broker.bootstrapServers, ...properties });
    return keep(await KafkaConnection.open(options, systemClock));
  }

  function keep<T extends { close(): unknown }>(resource: T): T {
    opened.push(resource);
    return resource;
  }

  async function newTopic(options: { partitions?: number; config?: Record<string, string> } = {}): Promise<string> {
    const topic = `topic-${++topicCount}`;
    const connection = await connect();
    await connection.createTopic({ topic, partitions: options.partitions ?? 1, replicationFactor: 1, config: options.config ?? {} });
    return topic;
  }

  async function fetcherFrom(topic: string, offsets: readonly number[], options: Partial<FetcherOptions> = {}): Promise<PartitionFetcher> {
    const fetcher = keep(new PartitionFetcher(await connect(), { waitMsMax: 100, ...options }));
    fetcher.assign(offsets.map((offset, partition) => ({ topic, partition, offset })));
    return fetcher;
  }

  /** Reads until `count` rows of all partitions are there. */
  async function readRows(fetcher: PartitionFetcher, count: number): Promise<Row[][]> {
    const reader = new RecordBatchReader('read_committed');
    const columns = new RecordColumns(100);
    const rows: Row[][] = [];
    let seen = 0;
    while (seen < count) {
      const event = recordsOf(await fetcher.next());
      reader.open(event.fetched);
      while (reader.read(columns)) {
        seen += columns.rowCount;
        const inPartition = rows[event.fetched.partition] ?? [];
        rows[event.fetched.partition] = inPartition;
        for (let row = 0; row < columns.rowCount; row++) inPartition.push(rowOf(columns, row));
      }
    }
    return rows;
  }

  function recordsOf(event: FetchEvent | undefined): Extract<FetchEvent, { kind: 'records' }> {
    if (event?.kind === 'failed') throw event.error;
    if (event?.kind !== 'records') throw new Error(`unexpected event ${JSON.stringify(event)}`);
    return event;
  }

  function rowOf(columns: RecordColumns, row: number): Row {
    const headers = readHeaders(columns, row).map((header) => [header.key, textOf(header.value)] as const);
    const cells = { key: textOf(columns.key(row)), value: textOf(columns.value(row)), timestampMs: columns.timestamp[row]!, headers };
    return { offset: columns.offset[row]!, ...cells };
  }

  async function writeRows(
    topic: string,
    rows: readonly { key: string | null; value: string | null }[],
    options: { compression?: Compression; partition?: number } = {},
  ): Promise<void> {
    const producer = keep(await IdempotentProducer.open(await connected(topic)));
    const encoder = new RecordBatchEncoder(options.compression);
    for (const { key, value } of rows) {
      encoder.append({ key: key === null ? null : bytes(key), value: value === null ? null : bytes(value), timestampMs: 1_700_000_000_000 });
    }
    await producer.send(topic, options.partition ?? 0, encoder.take());
  }

  /** A connection that knows the leaders of the topic. */
  async function connected(topic: string): Promise<KafkaConnection> {
    const connection = await connect();
    await connection.partitionsOf(topic);
    return connection;
  }

  test('keys, nulls, headers and timestamps come back as they were written', async () => {
    const topic = await newTopic();
    const producer = keep(await IdempotentProducer.open(await connected(topic)));
    const headers: RecordHeader[] = [
      { key: 'trace', value: bytes('a') },
      { key: 'trace', value: null },
    ];
    const encoder = new RecordBatchEncoder();
    encoder.append({ key: bytes('k1'), value: bytes('v1'), timestampMs: 1_700_000_000_000, headers });
    encoder.append({ key: null, value: bytes('äöü'), timestampMs: 1_600_000_000_000 });
    encoder.append({ key: bytes(''), value: null, timestampMs: 1_750_000_000_000 });
    expect(await producer.send(topic, 0, encoder.take())).toBe(0n);
    const [rows] = await readRows(await fetcherFrom(topic, [0]), 3);
    expect(rows).toEqual([
      { offset: 0, key: 'k1', value: 'v1', timestampMs: 1_700_000_000_000, headers: headers.map(({ key, value }) => [key, textOf(value)]) },
      { offset: 1, key: null, value: 'äöü', timestampMs: 1_600_000_000_000, headers: [] },
      { offset: 2, key: '', value: null, timestampMs: 1_750_000_000_000, headers: [] },
    ]);
  });

  test('what another client writes is read, and the other way round', async () => {
    const topic = await newTopic({ partitions: 2 });
    const messages = Array.from({ length: 500 }, (_, index) => ({ key: `key ${index}`, value: `value ${index}`, headers: { n: `${index}` } }));
    await javascriptProducer.send({ topic, messages, compression: CompressionTypes.GZIP });
    const rows = await readRows(await fetcherFrom(topic, [0, 0]), 500);
    expect(
      rows
        .flat()
        .map((row) => row.value)
        .sort(),
    ).toEqual(messages.map((message) => message.value).sort());
    // The other client hashes as the Java client does, so both agree on every key's partition.
    rows.forEach((inPartition, partition) => {
      for (const row of inPartition) expect(partitionForKey(bytes(row.key!), 2)).toBe(partition);
    });
    await writeRows(topic, [{ key: 'ours', value: 'own value' }], { compression: 'gzip' });
    expect((await consumeWithKafkajs(topic, 501)).filter((message) => message.key === 'ours')).toEqual([{ key: 'ours', value: 'own value' }]);
  });

  async function consumeWithKafkajs(topic: string, count: number): Promise<{ key: string | null; value: string | null }[]> {
    const consumer = kafka.consumer({ groupId: `group-${topic}`, maxWaitTimeInMs: 100 });
    keep({ close: () => consumer.disconnect() });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    const messages: { key: string | null; value: string | null }[] = [];
    await new Promise<void>((resolve) => {
      void consumer.run({
        eachMessage: async ({ message }) => {
          messages.push({ key: textOf(message.key), value: textOf(message.value) });
          if (messages.length === count) resolve();
        },
      });
    });
    return messages;
  }

  test.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
    '%s: batches of the broker are read, and ours are accepted by the broker',
    async (compression) => {
      const compressedByBroker = await newTopic({ config: { 'compression.type': compression } });
      const compressedByUs = await newTopic();
      // A topic of another compression makes the broker open our batches and write them anew.
      const recompressed = await newTopic({ config: { 'compression.type': compression === 'gzip' ? 'lz4' : 'gzip' } });
      const rows = Array.from({ length: 300 }, (_, index) => ({ key: `k${index}`, value: `value ${index} `.repeat(20) }));
      await writeRows(compressedByBroker, rows);
      await writeRows(compressedByUs, rows, { compression });
      await writeRows(recompressed, rows, { compression });
      for (const topic of [compressedByBroker, compressedByUs, recompressed]) {
        const [read] = await readRows(await fetcherFrom(topic, [0]), rows.length);
        expect(read!.map(({ key, value }) => ({ key, value }))).toEqual(rows);
      }
    },
  );

  test('offsets: earliest, latest, by time, and a bound that is beyond every record', async () => {
    const topic = await newTopic({ partitions: 2 });
    const connection = await connect();
    await javascriptProducer.send({ topic, messages: [1000, 2000, 3000].map((time) => ({ partition: 0, value: 'x', timestamp: `${time}` })) });
    expect(await connection.listOffsets(topic, 'earliest')).toEqual(
      new Map([
        [0, 0n],
        [1, 0n],
      ]),
    );
    expect(await connection.listOffsets(topic, 'latest')).toEqual(
      new Map([
        [0, 3n],
        [1, 0n],
      ]),
    );
    expect(await connection.listOffsets(topic, { timestampMs: 1500n })).toEqual(
      new Map([
        [0, 1n],
        [1, 0n],
      ]),
    );
    expect(await connection.listOffsets(topic, { timestampMs: 9000n }, { partitions: [0] })).toEqual(new Map([[0, 3n]]));
  });

  test('an aborted transaction is not seen, a committed one is', async () => {
    const topic = await newTopic();
    const producer = kafka.producer({ transactionalId: `id-${topic}`, maxInFlightRequests: 1, idempotent: true });
    keep({ close: () => producer.disconnect() });
    await producer.connect();
    for (const [value, commit] of [
      ['gone', false],
      ['kept', true],
      ['gone too', false],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value }] });
      await (commit ? transaction.commit() : transaction.abort());
    }
    await writeRows(topic, [{ key: null, value: 'end' }]);
    const [rows] = await readRows(await fetcherFrom(topic, [0]), 2);
    expect(rows!.map((row) => row.value)).toEqual(['kept', 'end']);
  });

  test('an offset that does not exist is an event with the offsets that do, and a seek continues', async () => {
    const topic = await newTopic();
    await writeRows(topic, [{ key: null, value: 'only' }]);
    const fetcher = await fetcherFrom(topic, [17]);
    expect(await fetcher.next()).toEqual({ kind: 'offset-out-of-range', topic, partition: 0, offset: 17, logStartOffset: 0, highWatermark: 1 });
    fetcher.seek({ topic, partition: 0, offset: 0 });
    expect((await readRows(fetcher, 1))[0]!.map((row) => row.value)).toEqual(['only']);
    // The same for records that retention has removed.
    await admin.fetchTopicOffsets(topic);
    await admin
      .deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '1' }] })
      .catch(() => admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '1' }] }));
    const late = await fetcherFrom(topic, [0]);
    expect(await late.next()).toMatchObject({ kind: 'offset-out-of-range', offset: 0, logStartOffset: 1, highWatermark: 1 });
  });

  test('a paused partition rests while another goes on, and loses nothing', async () => {
    const topic = await newTopic({ partitions: 2 });
    const fetcher = await fetcherFrom(topic, [0, 0]);
    fetcher.pause(topic, 0);
    for (const partition of [0, 1]) await writeRows(topic, [{ key: null, value: `p${partition}` }], { partition });
    expect(recordsOf(await fetcher.next()).fetched.partition).toBe(1);
    await new Promise((done) => setTimeout(done, 150));
    expect(fetcher.poll()).toBeUndefined();
    fetcher.resume(topic, 0);
    expect(recordsOf(await fetcher.next()).fetched.partition).toBe(0);
    fetcher.unassign(topic, 0);
    fetcher.assign([{ topic, partition: 0, offset: 0 }]);
    expect(recordsOf(await fetcher.next()).fetched).toMatchObject({ partition: 0, fetchOffset: 0 });
  });

  test('a reader that does not keep up bounds what is fetched ahead', async () => {
    const topic = await newTopic();
    const rows = Array.from({ length: 400 }, () => ({ key: null, value: 'x'.repeat(1000) }));
    for (let batch = 0; batch < 5; batch++) await writeRows(topic, rows.slice(0, 80));
    const fetcher = await fetcherFrom(topic, [0], { partitionBytesMax: 50_000, prefetchBytesMax: 100_000 });
    await new Promise((done) => setTimeout(done, 300));
    const ahead = fetcher.position(topic, 0).nextOffset;
    expect(ahead).toBeGreaterThan(0);
    expect(ahead).toBeLessThan(400);
    expect((await readRows(fetcher, 400))[0]!.map((row) => row.offset)).toEqual(rows.map((_, index) => index));
  });

  test('an unknown topic is an error that names its neighbour, or says what to do', async () => {
    const topic = await newTopic();
    const connection = await connect();
    await expect(connection.partitionsOf(`${topic}x`)).rejects.toMatchObject({
      code: 'FS001',
      message: `Kafka topic "${topic}x" does not exist`,
      hint: `Perhaps you meant "${topic}".`,
    });
    await expect(connection.partitionsOf('unlike-any-other')).rejects.toMatchObject({
      code: 'FS001',
      hint: 'Create the topic with the tools of Kafka, or name other brokers in properties.bootstrap.servers.',
    });
    const fetcher = keep(new PartitionFetcher(await connect(), { unknownTopicMsMax: 200 }));
    fetcher.assign([{ topic: 'nowhere', partition: 0, offset: 0 }]);
    expect(await fetcher.next()).toMatchObject({ kind: 'failed', topic: 'nowhere', error: { code: 'FS001' } });
  });

  test('topics are created once and deleted once', async () => {
    const connection = await connect();
    const topic = { topic: 'made', partitions: 3, config: { 'cleanup.policy': 'compact' } };
    expect(await connection.createTopic(topic)).toBe(true);
    expect(await connection.createTopic(topic)).toBe(false);
    expect(await connection.partitionsOf('made')).toEqual([0, 1, 2]);
    expect(await connection.deleteTopic('made')).toBe(true);
    expect(await connection.deleteTopic('made')).toBe(false);
    await expect(connection.createTopic({ topic: 'bad', config: { nonsense: '1' } })).rejects.toMatchObject({ code: 'FS001' });
  });

  test('a batch that is too large fails the producer with the reason of the broker', async () => {
    const topic = await newTopic({ config: { 'max.message.bytes': '1000' } });
    await expect(writeRows(topic, [{ key: null, value: 'x'.repeat(5000) }])).rejects.toMatchObject({ code: 'FS001', message: /MESSAGE_TOO_LARGE/ });
  });

  // Last, because it takes the broker away from under everybody.
  test.each(['restart', 'kill'] as const)(
    'nothing is lost, doubled or reordered over a broker %s in the middle of writing and reading',
    async (how) => {
      const topic = await newTopic({ partitions: 2 });
      const rowsPerBatch = 50;
      const batches = 60;
      let sent = 0;
      const producer = keep(await IdempotentProducer.open(await connected(topic)));
      const fetcher = await fetcherFrom(topic, [0, 0]);
      const reading = readRows(fetcher, rowsPerBatch * batches * 2);
      const writing = (async () => {
        const encoder = new RecordBatchEncoder();
        for (let batch = 0; batch < batches; batch++) {
          for (const partition of [0, 1]) {
            for (let row = 0; row < rowsPerBatch; row++) {
              encoder.append({ key: null, value: bytes(`${partition}:${batch * rowsPerBatch + row}`), timestampMs: Date.now() });
            }
            void producer.send(topic, partition, encoder.take());
          }
          sent++;
          await producer.drained(20_000);
          await new Promise((done) => setTimeout(done, 5));
        }
        await producer.flush();
      })();
      await new Promise((done) => setTimeout(done, 100));
      if (how === 'kill') await broker.kill();
      const sentBefore = sent;
      const [rows] = await Promise.all([reading, writing, broker.restart()]);
      expect(sentBefore).toBeGreaterThan(0);
      expect(sentBefore).toBeLessThan(batches);
      for (const partition of [0, 1]) {
        const expected = Array.from({ length: rowsPerBatch * batches }, (_, index) => `${partition}:${index}`);
        expect(rows[partition]!.map((row) => row.value)).toEqual(expected);
      }
    },
    60_000,
  );
});

describe('without a broker', () => {
  test('a closed port is reported at once, with host and cause', async () => {
    const options = connectionOptions({ 'bootstrap.servers': '127.0.0.1:1' });
    await expect(KafkaConnection.open(options, systemClock)).rejects.toMatchObject({
      code: '08006',
      class: 'external',
      message: 'could not connect to Kafka at "127.0.0.1:1": connection refused',
      hint: 'Is the broker running, and is properties.bootstrap.servers right?',
    });
  });

  test('several servers are all named', async () => {
    const options = connectionOptions({ 'bootstrap.servers': '127.0.0.1:1,127.0.0.1:2' });
    await expect(KafkaConnection.open(options, systemClock)).rejects.toMatchObject({
      code: '08006',
      message: 'could not connect to Kafka at "127.0.0.1:1,127.0.0.1:2": no broker answered',
      detail: '127.0.0.1:1: connection refused; 127.0.0.1:2: connection refused',
    });
  });

  test('a server that accepts and never answers is given up in time', async () => {
    const { createServer } = await import('node:net');
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const options = connectionOptions({ 'bootstrap.servers': `127.0.0.1:${port}`, 'socket.connection.setup.timeout.ms': '300' });
    const begin = performance.now();
    await expect(KafkaConnection.open(options, systemClock)).rejects.toMatchObject({ code: '08006', message: /no answer within 300 ms|timed out/ });
    expect(performance.now() - begin).toBeLessThan(2_000);
    server.close();
  });
});
