#!/usr/bin/env node
/** `npm run kafka [-- --port 9092 --topics bids:2,tops:1 --data-dir DIR --heap-mb 256]`: a real Kafka in the foreground. */
import { parseArgs } from 'node:util';
import kafkajs from 'kafkajs';
import { startBroker } from './broker.mjs';

const DEFAULT_PORT = 9092;
const USAGE = `usage: npm run kafka [-- --port ${DEFAULT_PORT} --topics bids:2,tops:1 --data-dir DIR --heap-mb 256]
  --port      port of 127.0.0.1 to listen on (0 = any)
  --topics    topics to create, NAME[:PARTITIONS] separated by commas
  --data-dir  keep the data in this directory; without it everything is removed at the end
  --heap-mb   Java heap in megabytes`;

function usageError(message) {
  process.stderr.write(`ERROR:  ${message}\n${USAGE}\n`);
  process.exit(2);
}

function readOptions() {
  try {
    const names = { port: { type: 'string' }, topics: { type: 'string' }, 'data-dir': { type: 'string' }, 'heap-mb': { type: 'string' } };
    return parseArgs({ options: { ...names, help: { type: 'boolean' } } }).values;
  } catch (error) {
    return usageError(error.message);
  }
}

function wholeNumber(name, text) {
  if (!/^\d+$/.test(text)) usageError(`--${name} must be a number, not "${text}"`);
  return Number(text);
}

/** "bids:2,tops" as topics; one partition when none is named. */
function parseTopics(text) {
  return text.split(',').map((entry) => {
    const match = /^([\w.-]+)(?::(\d+))?$/.exec(entry.trim());
    if (match === null) return usageError(`--topics: cannot read "${entry}"`);
    return { topic: match[1], numPartitions: Number(match[2] ?? 1) };
  });
}

async function createTopics(bootstrapServers, topics) {
  const kafka = new kafkajs.Kafka({ brokers: [bootstrapServers], logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    await admin.createTopics({ topics, waitForLeaders: true });
  } finally {
    await admin.disconnect();
  }
}

const values = readOptions();
if (values.help) {
  process.stdout.write(`${USAGE}\n`);
  process.exit(0);
}
const port = wholeNumber('port', values.port ?? String(DEFAULT_PORT));
const topics = values.topics === undefined ? [] : parseTopics(values.topics);
let broker;
try {
  process.stderr.write('starting Apache Kafka (the first start fetches the jars and takes longer)\n');
  broker = await startBroker({
    ...(port === 0 ? {} : { port }),
    ...(values['data-dir'] === undefined ? {} : { dataDirectory: values['data-dir'] }),
    heapMb: wholeNumber('heap-mb', values['heap-mb'] ?? '256'),
  });
  if (topics.length > 0) await createTopics(broker.bootstrapServers, topics);
} catch (error) {
  process.stderr.write(`ERROR:  ${error.message}\n`);
  await broker?.stop();
  process.exit(2);
}
const created = topics.map((topic) => `${topic.topic}:${topic.numPartitions}`).join(',');
process.stdout.write(`kafka ready: ${broker.bootstrapServers}${created === '' ? '' : ` topics ${created}`}\n`);

const keepAlive = setInterval(() => undefined, 1 << 30);
let stopping = false;
async function stop() {
  // A second signal ends at once; the exit handler kills the child.
  if (stopping) process.exit(1);
  stopping = true;
  clearInterval(keepAlive);
  await broker.stop();
  process.exit(0);
}
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
