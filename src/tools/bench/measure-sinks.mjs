import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { NEXMARK_QUERIES, nexmarkSource } from '../nexmark/nexmark-queries.mjs';
import { median, runJob } from './run-fsql.mjs';

const QUERY = 'q0';
const GUARANTEES = ['none', 'at-least-once', 'exactly-once'];

/**
 * The same job from a topic into a topic under each delivery guarantee, in turn, with its state on disk, from the first statement to the last commit. Of each
 * guarantee the medians over the rounds: `ratio` of its rate to that of at-least-once in the same round by the wall clock, `cpuRatio` by the processor time of
 * the process, which leaves the broker out.
 */
export async function measureSinks({ source, events, slots, repeat, launcher, directory }) {
  const kafka = new Kafka({ brokers: [source['properties.bootstrap.servers']], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const rounds = [];
  try {
    for (let round = 0; round < repeat; round++) {
      const reports = {};
      for (let turn = 0; turn < GUARANTEES.length; turn++) {
        const guarantee = GUARANTEES[(round + turn) % GUARANTEES.length];
        reports[guarantee] = await copyTopic({ admin, guarantee, source, slots, launcher, directory });
      }
      rounds.push(reports);
    }
  } finally {
    await admin.disconnect();
  }
  return GUARANTEES.map((guarantee) => {
    const middle = (of) => median(rounds.map((reports) => of(reports[guarantee], reports['at-least-once'])));
    return {
      guarantee,
      ratio: middle((own, other) => other.seconds / own.seconds),
      cpuRatio: middle((own, other) => other.cpu_seconds / own.cpu_seconds),
      rate: middle((own) => events / own.seconds),
      memoryMb: middle((own) => own.peak_memory_bytes / 1e6),
    };
  });
}

async function copyTopic({ admin, guarantee, source, slots, launcher, directory }) {
  const topic = `fsql-bench-${guarantee}`;
  const work = mkdtempSync(join(directory, `${guarantee}-`));
  await admin.createTopics({ topics: [{ topic, numPartitions: slots, replicationFactor: 1 }] });
  try {
    const file = join(work, 'job.sql');
    const options = { connector: 'kafka', topic, 'properties.bootstrap.servers': source['properties.bootstrap.servers'], format: 'json' };
    const settings = Object.entries({ ...options, 'sink.delivery-guarantee': guarantee }).map(([name, value]) => `${name} = '${value}'`);
    writeFileSync(file, `${nexmarkSource(source, [QUERY])}\nCREATE SINK copy WITH (${settings.join(', ')}) AS ${NEXMARK_QUERIES[QUERY]};\n`);
    return await runJob(launcher, [file, '--data-dir', join(work, 'data'), '--slots', String(slots)]);
  } finally {
    await admin.deleteTopics({ topics: [topic] });
    rmSync(work, { recursive: true, force: true });
  }
}
