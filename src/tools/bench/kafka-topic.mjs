import { createReadStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const RECORDS_A_BATCH = 1000;
const BYTES_IN_FLIGHT = 8_000_000;
const LINE_FEED = 10;

/** Our own Kafka protocol as one module that Node can load. */
async function loadProtocol() {
  const directory = join(here, '../../../.cache/bench');
  mkdirSync(directory, { recursive: true });
  const outfile = join(directory, 'kafka-protocol.mjs');
  const contents = `export * from '../../connectors/kafka/protocol/index.ts'; export { systemClock } from '../../base/adapters/system-clock.ts';`;
  await build({ stdin: { contents, resolveDir: here, loader: 'ts' }, outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external' });
  return import(pathToFileURL(outfile).href);
}

/** Writes the lines of a file into a new topic, batch by batch to its partitions in turn: event time advances alike in all of them. */
export async function fillTopic({ bootstrapServers, topic, partitions, file }) {
  const protocol = await loadProtocol();
  const connection = await protocol.KafkaConnection.open(protocol.connectionOptions({ 'bootstrap.servers': bootstrapServers }), protocol.systemClock);
  await connection.createTopic({ topic, partitions });
  const producer = await protocol.IdempotentProducer.open(connection);
  const encoder = new protocol.RecordBatchEncoder();
  // The broker removes what is a week old by this time.
  const writtenAtMs = Date.now();
  let partition = 0;
  const send = async () => {
    producer.send(topic, partition, encoder.take());
    partition = (partition + 1) % partitions;
    await producer.drained(BYTES_IN_FLIGHT);
  };
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = data.indexOf(LINE_FEED); end >= 0; end = data.indexOf(LINE_FEED, start)) {
      encoder.append({ key: null, value: data.subarray(start, end), timestampMs: writtenAtMs });
      start = end + 1;
      if (encoder.recordCount === RECORDS_A_BATCH) await send();
    }
    rest = data.subarray(start);
  }
  if (encoder.recordCount > 0) await send();
  await producer.flush();
  producer.close();
  await connection.close();
}
