/**
 * `node src/connectors/kafka/protocol/fetch.bench.mjs [messages]`: reading and writing through this folder against kafkajs, from
 * the same broker in one run. Only the ratios mean something; absolute rates are the machine's.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import kafkajs from 'kafkajs';
import { startBroker } from '../../../tools/kafka/broker.mjs';

const MESSAGES = Number(process.argv[2] ?? 500_000);
const VALUE_BYTES = 280;
const BATCH_RECORDS = 1_000;
const TOPIC = 'bench';
const here = dirname(fileURLToPath(import.meta.url));

/** The folder as one module that Node 20 can load. */
async function loadProtocol() {
  const directory = join(here, '../../../../.cache/bench');
  mkdirSync(directory, { recursive: true });
  const outfile = join(directory, 'kafka-protocol.mjs');
  const contents = `export * from './index.ts'; export { systemClock } from '../../../base/adapters/system-clock.ts';`;
  await build({ stdin: { contents, resolveDir: here, loader: 'ts' }, outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external' });
  return import(pathToFileURL(outfile).href);
}

/** Wall and processor time of this process for each message. */
async function measure(name, messages, action) {
  const cpuBefore = process.cpuUsage();
  const begin = performance.now();
  await action();
  const wallMicros = (performance.now() - begin) * 1_000;
  const cpu = process.cpuUsage(cpuBefore);
  const result = { name, wall: wallMicros / messages, cpu: (cpu.user + cpu.system) / messages };
  console.log(`${name.padEnd(28)} ${(1_000 / result.wall).toFixed(0).padStart(6)} k messages/s  ${result.cpu.toFixed(3)} us CPU each`);
  return result;
}

async function writeOurs(protocol, connection) {
  const producer = await protocol.IdempotentProducer.open(connection);
  const encoder = new protocol.RecordBatchEncoder();
  const valueData = Buffer.alloc(VALUE_BYTES, 'x');
  const keyData = Buffer.from('some key');
  const record = { keyData, keyStart: 0, keyEnd: keyData.length, valueData, valueStart: 0, valueEnd: VALUE_BYTES, timestampMs: Date.now() };
  for (let sent = 0; sent < MESSAGES; sent += BATCH_RECORDS) {
    for (let row = 0; row < BATCH_RECORDS; row++) encoder.appendSlices(record);
    producer.send(TOPIC, 0, encoder.take());
    await producer.drained(2_000_000);
  }
  await producer.flush();
  producer.close();
}

async function readOurs(protocol, connection) {
  const fetcher = new protocol.PartitionFetcher(connection);
  const reader = new protocol.RecordBatchReader('read_committed');
  const columns = new protocol.RecordColumns();
  fetcher.assign([{ topic: TOPIC, partition: 0, offset: 0 }]);
  let rows = 0;
  while (rows < MESSAGES) {
    const event = await fetcher.next();
    reader.open(event.fetched);
    while (reader.read(columns)) rows += columns.rowCount;
  }
  fetcher.close();
}

async function writeKafkajs(kafka, messages) {
  const producer = kafka.producer();
  await producer.connect();
  const batch = Array.from({ length: BATCH_RECORDS }, () => ({ key: 'some key', value: Buffer.alloc(VALUE_BYTES, 'x'), partition: 0 }));
  for (let sent = 0; sent < messages; sent += BATCH_RECORDS) await producer.send({ topic: 'other', messages: batch });
  await producer.disconnect();
}

async function readKafkajs(kafka) {
  const consumer = kafka.consumer({ groupId: 'bench', maxBytesPerPartition: 4_194_304, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: [TOPIC], fromBeginning: true });
  const { GROUP_JOIN } = consumer.events;
  let joined;
  const ready = new Promise((done) => consumer.on(GROUP_JOIN, done));
  let rows = 0;
  const finished = new Promise((done) => {
    joined = consumer.run({
      eachBatchAutoResolve: true,
      eachBatch: async ({ batch }) => {
        rows += batch.messages.length;
        if (rows >= MESSAGES) done();
      },
    });
  });
  await joined;
  await ready;
  const result = await measure('read, kafkajs eachBatch', MESSAGES, () => finished);
  await consumer.disconnect();
  return result;
}

const protocol = await loadProtocol();
const broker = await startBroker();
try {
  const connection = await protocol.KafkaConnection.open(
    protocol.connectionOptions({ 'bootstrap.servers': broker.bootstrapServers }),
    protocol.systemClock,
  );
  await connection.createTopic({ topic: TOPIC, partitions: 1 });
  await connection.createTopic({ topic: 'other', partitions: 1 });
  const kafka = new kafkajs.Kafka({ brokers: [broker.bootstrapServers], logLevel: kafkajs.logLevel.NOTHING });
  const written = await measure('write, this folder', MESSAGES, () => writeOurs(protocol, connection));
  const writtenBefore = await measure('write, kafkajs send', MESSAGES / 5, () => writeKafkajs(kafka, MESSAGES / 5));
  await measure('read, first (warming up)', MESSAGES, () => readOurs(protocol, connection));
  const read = await measure('read, this folder', MESSAGES, () => readOurs(protocol, connection));
  const readBefore = await readKafkajs(kafka);
  console.log(`reading ${(readBefore.wall / read.wall).toFixed(1)}x faster, ${(readBefore.cpu / read.cpu).toFixed(1)}x less CPU`);
  console.log(`writing ${(writtenBefore.wall / written.wall).toFixed(1)}x faster, ${(writtenBefore.cpu / written.cpu).toFixed(1)}x less CPU`);
  await connection.close();
} finally {
  await broker.stop();
}
