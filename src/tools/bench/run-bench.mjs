/**
 * `npm run bench [-- --events N --queries q0,q5|nexmark --source file|kafka --repeat N --only jobs,scaling,windows,start,wire,tests,checkpoint,checkpoint-cost,state,joins,sinks --keys N --fsql LAUNCHER]`
 *
 * Builds first unless --fsql names a launcher. Everything printed is a median of some runs.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startBroker } from '../kafka/broker.mjs';
import { freePorts } from '../kafka/broker-process.mjs';
import { eventFile } from './event-files.mjs';
import { fillTopic } from './kafka-topic.mjs';
import { measureCheckpoint } from './measure-checkpoint.mjs';
import { measureCheckpointCost } from './measure-checkpoint-cost.mjs';
import { measureJob } from './measure-jobs.mjs';
import { measureJoins } from './measure-joins.mjs';
import { measureScaling } from './measure-scaling.mjs';
import { measureSinks } from './measure-sinks.mjs';
import { measureOneStatement, measureServer, measureTestFile, measureTestFiles } from './measure-start.mjs';
import { measureState } from './measure-state.mjs';
import { measureWindows } from './measure-windows.mjs';
import { measureWire } from './measure-wire.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const SLOTS = 2;
const COUNT_KEYS = 1_000_000;
const MANY_FILES = 1000;
/** What is promised, in J, by source and query. */
const FLOORS = { kafka: { q0: 1.6, q1: 1.7, q2: 1.8 }, file: { q0: 2.5, q1: 2.5, q2: 2.5, q5: 1.0, q7: 0.8, count: 1.5 } };

/** Apache Flink SQL 2.2, tuned, both cores, from Kafka, in J. */
const FLINK = {
  ...{ q0: 0.8, q1: 0.82, q2: 0.87, q3: 0.76, q4: 0.3, q5: 0.46, q7: 0.27, q8: 0.8, q9: 0.23, q10: 0.46, q11: 0.46, q12: 0.65, q13: 0.75, q14: 0.81 },
  ...{ q15: 0.37, q16: 0.09, q17: 0.54, q18: 0.4, q19: 0.37, q20: 0.31, q21: 0.5, q22: 0.63 },
};

const { values } = parseArgs({
  options: {
    // Enough that start and warm-up of the process, about a second of processor time, are a small part of a run of some seconds.
    events: { type: 'string', default: '3000000' },
    queries: { type: 'string' },
    source: { type: 'string' },
    repeat: { type: 'string', default: '3' },
    only: { type: 'string', default: 'jobs,scaling,windows,start,tests,checkpoint,state,joins,wire,sinks' },
    keys: { type: 'string', default: '1000000' },
    fsql: { type: 'string' },
  },
});
const events = Number(values.events);
const repeat = Number(values.repeat);
const parts = values.only.split(',');
const launcher = values.fsql ?? join(root, 'bin/fsql.js');
if (values.fsql === undefined) execFileSync(process.execPath, [join(root, 'src/tools/build/build.mjs')], { stdio: 'inherit' });

const directory = mkdtempSync(join(tmpdir(), 'fsql-bench-'));
try {
  console.log(`fsql bench · node ${process.version} · load ${loadavg()[0].toFixed(1)} · ${events} events · ${SLOTS} slots`);
  if (parts.includes('jobs')) await jobs();
  if (parts.includes('scaling')) await scaling();
  if (parts.includes('windows')) await windows();
  if (parts.includes('start')) await start();
  if (parts.includes('tests')) await tests();
  if (parts.includes('checkpoint')) await checkpoint();
  if (parts.includes('checkpoint-cost')) await checkpointCost();
  if (parts.includes('state')) await state();
  if (parts.includes('joins')) await joins();
  if (parts.includes('wire')) await wire();
  if (parts.includes('sinks')) await sinks();
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function jobs() {
  const sources = values.source === undefined ? ['kafka', 'file'] : [values.source];
  const mixed = await mixedEvents();
  for (const source of sources) {
    const wanted = values.queries === 'nexmark' ? Object.keys(FLINK) : (values.queries?.split(',') ?? Object.keys(FLOORS[source]));
    if (source === 'kafka') await fromKafka(wanted, mixed);
    else await fromFile(wanted, mixed);
  }
}

function mixedEvents() {
  return eventFile(join(root, `.cache/bench/nexmark-${events}.json`), events);
}

async function fromFile(queries, mixed) {
  for (const query of queries) {
    const path = query === 'count' ? await eventFile(join(root, `.cache/bench/nexmark-${events}-uniform.json`), events, COUNT_KEYS) : mixed;
    await job('file', query, { connector: 'filesystem', path }, path);
  }
}

async function fromKafka(queries, mixed) {
  await withTopic(mixed, async (source) => {
    for (const query of queries) await job('kafka', query, source, mixed);
  });
}

/** A broker of its own with the events of a file in a topic. */
async function withTopic(file, use) {
  const broker = await startBroker();
  try {
    const topic = await fillTopic({ bootstrapServers: broker.bootstrapServers, partitions: SLOTS, file });
    await use(topic.source);
    await topic.close();
  } finally {
    await broker.stop();
  }
}

async function job(source, query, options, sampleFile) {
  const result = await measureJob({ query, source: options, sampleFile, events, slots: SLOTS, repeat, launcher, directory });
  const rate = `${(result.rate / 1e6).toFixed(2)} M events/s, J ${(result.unit / 1e6).toFixed(2)} M/s, by CPU ${result.cpuRatio.toFixed(2)} J`;
  const floor = FLOORS[source][query];
  line(
    `${query} from ${source}`,
    `${result.ratio.toFixed(2)} J`,
    floor === undefined ? '–' : `${floor.toFixed(1)} J`,
    `${rate}, ${result.memoryMb.toFixed(0)} MB${query in FLINK ? `, ${(result.ratio / FLINK[query]).toFixed(1)} x Flink` : ''}`,
  );
}

async function scaling() {
  const path = await mixedEvents();
  for (const query of values.queries?.split(',') ?? ['q21', 'q5', 'q7']) {
    const source = { connector: 'filesystem', path };
    const { slots, processes, ceiling, seconds } = await measureScaling({ query, source, repeat, launcher, directory });
    const [oneSlot, twoSlots, oneProcess, twoProcesses] = seconds.map((time) => `${time.toFixed(2)} s`);
    line(`${query}, two programs that share nothing`, `${ceiling.toFixed(2)} x`, '–', 'what this machine has to give');
    line(`${query}, two slots for one`, `${slots.ratio.toFixed(2)} x`, '1.8 x', `${oneSlot}, ${twoSlots}, by CPU ${slots.cpuRatio.toFixed(2)} x`);
    line(`${query}, two processes for one`, `${processes.ratio.toFixed(2)} x`, '1.5 x', `${oneProcess}, ${twoProcesses}`);
  }
}

async function windows() {
  const source = { connector: 'filesystem', path: await mixedEvents() };
  for (const one of await measureWindows({ source, slots: SLOTS, repeat, launcher, directory })) {
    const { target, mode, ratio, cpuRatio, rows, memory } = one;
    const detail = `by CPU ${cpuRatio.toFixed(2)} x, rows ${rows.toFixed(1)} x, memory ${memory.toFixed(1)} x`;
    line(`60 panes for 1, ${mode}, ${target}`, `${ratio.toFixed(2)} x the time`, '2 x', detail);
  }
}

async function start() {
  line("fsql -c 'select 1'", `${(await measureOneStatement(launcher)).toFixed(0)} ms`, '300 ms');
  const { readyMs, idleMb } = await measureServer(launcher, (await freePorts(1))[0]);
  line('server ready', `${readyMs.toFixed(0)} ms`, '500 ms');
  line('server idle', `${idleMb.toFixed(0)} MB`, '150 MB');
}

async function tests() {
  line('a small fsql test file more', `${(await measureTestFile(launcher)).toFixed(1)} ms`, '5 ms');
  const { seconds, cpuSeconds } = await measureTestFiles(launcher, MANY_FILES);
  line(`${MANY_FILES} small fsql test files`, `${seconds.toFixed(1)} s`, '6 s', `${cpuSeconds.toFixed(1)} s of processor time`);
}

async function checkpoint() {
  const { pauseMs, bestMs, totalMs, keys } = await measureCheckpoint();
  line(
    `pause of a checkpoint, ${keys} dirty keys`,
    `${pauseMs.toFixed(1)} ms`,
    '15 ms',
    `best ${bestMs.toFixed(1)} ms, ${totalMs.toFixed(1)} ms of work in all`,
  );
}

async function checkpointCost() {
  const { ratio, cpuRatio, rate, seconds, keys } = await measureCheckpointCost({ slots: SLOTS, repeat, launcher, directory });
  line(
    `checkpoints every 10 s, ${keys} groups`,
    `${ratio.toFixed(2)} x without`,
    '0.95 x',
    `${(rate / 1e6).toFixed(2)} M rows/s over ${seconds.toFixed(0)} s, by CPU ${cpuRatio.toFixed(2)} x`,
  );
}

async function state() {
  const keys = Number(values.keys);
  const { few, inMemory, spilled } = await measureState({ keys, repeat, launcher, directory });
  const detail = `of ${few.toFixed(2)} us by CPU`;
  line(`a row counted by ${keys} keys`, `${inMemory.toFixed(1)} x 10,000 keys`, '3 x', detail);
  line('the same, spilled', `${spilled.toFixed(1)} x 10,000 keys`, '30 x', detail);
}

async function joins() {
  const { ratio, fewMicros } = await measureJoins({ repeat, launcher, directory });
  line('a row into a join with a million rows', `${ratio.toFixed(2)} x 10,000 rows`, '2 x', `of ${fewMicros.toFixed(2)} us by CPU`);
}

async function wire() {
  const { ratio, oursMs, theirsMs } = await measureWire(launcher, (await freePorts(1))[0]);
  line(
    '1M rows x 4 columns over the wire',
    `${ratio.toFixed(2)} x PostgreSQL`,
    '0.5 x',
    `${oursMs.toFixed(0)} ms, PostgreSQL ${theirsMs.toFixed(0)} ms`,
  );
}

async function sinks() {
  await withTopic(await mixedEvents(), async (source) => {
    for (const one of await measureSinks({ source, events, slots: SLOTS, repeat, launcher, directory })) {
      const { guarantee, ratio, cpuRatio, rate, memoryMb } = one;
      line(
        `q0 from Kafka to Kafka, ${guarantee}`,
        `${ratio.toFixed(2)} x`,
        guarantee === 'exactly-once' ? '0.7 x at-least-once' : '–',
        `${(rate / 1e6).toFixed(2)} M events/s, by CPU ${cpuRatio.toFixed(2)} x, ${memoryMb.toFixed(0)} MB`,
      );
    }
  });
}

function line(what, measured, floor, detail = '') {
  console.log(
    `${what.padEnd(38)} ${measured.padStart(18)}  (promised ${floor})${detail === '' ? '' : `  ${detail}`}  load ${loadavg()[0].toFixed(1)}`,
  );
}
