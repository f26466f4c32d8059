import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { freePorts } from '../kafka/broker-process.mjs';
import { nexmarkJob } from '../nexmark/nexmark-queries.mjs';
import { median, runJob } from './run-fsql.mjs';

/** Seldom enough that the asking is no load beside the job; its seconds are the JobManager's. */
const POLL_MS = 400;
const START_MS = 30_000;

/**
 * What a second slot and a second process bring: a query from a file with one slot and with two, and on one `fsql taskmanager` of one slot and on two, in turn.
 * `ratio` compares the time by the clock, and is worth what the machine has of idle cores; `cpuRatio` processor time, as if every slot had a core to itself.
 * `ceiling` is what the machine has to give: the work of two programs of one slot that know nothing of each other and run at once, for one of them alone.
 */
export async function measureScaling({ query, source, repeat, launcher, directory }) {
  const text = nexmarkJob(query, source);
  const file = join(directory, `${query}-scaling.sql`);
  writeFileSync(file, text);
  const rounds = [];
  for (let round = 0; round < repeat; round++) {
    const slots = [await inSlots(launcher, file, 1), await inSlots(launcher, file, 2)];
    const apart = await Promise.all([inSlots(launcher, file, 1), inSlots(launcher, file, 1)]);
    const processes = [await inProcesses(launcher, { query, text, count: 1 }), await inProcesses(launcher, { query, text, count: 2 })];
    rounds.push({
      slots: slots[0].seconds / slots[1].seconds,
      ceiling: (2 * slots[0].seconds) / Math.max(...apart.map((run) => run.seconds)),
      slotsCpu: (2 * slots[0].cpu_seconds) / slots[1].cpu_seconds,
      processes: processes[0] / processes[1],
      seconds: [...slots.map((run) => run.seconds), ...processes],
    });
  }
  const middle = (of) => median(rounds.map(of));
  return {
    slots: { ratio: middle((round) => round.slots), cpuRatio: middle((round) => round.slotsCpu) },
    processes: { ratio: middle((round) => round.processes) },
    ceiling: middle((round) => round.ceiling),
    seconds: [0, 1, 2, 3].map((run) => middle((round) => round.seconds[run])),
  };
}

function inSlots(launcher, file, slots) {
  return runJob(launcher, [file, '--memory', '--slots', String(slots)]);
}

/** Seconds of the job on `count` TaskManagers of one slot each; the JobManager has none. */
async function inProcesses(launcher, { query, text, count }) {
  const [port, tasksPort] = await freePorts(2);
  const tasks = `127.0.0.1:${tasksPort}`;
  const jobManager = ['jobmanager', '--memory', '--port', port, '--http-port', 0, '--parallelism', count, '--listen-tasks', tasks];
  const taskManager = ['taskmanager', '--slots', 1, '--jobmanager', tasks];
  const started = [jobManager, ...Array.from({ length: count }, () => taskManager)].map((args) => start(launcher, args.map(String)));
  try {
    const client = await connected(port, started);
    try {
      await until(client, started, `SELECT 1 FROM fsql_catalog.task_managers HAVING count(*) = ${count}`, () => true);
      await client.query(text);
      const job = `SELECT state, error, extract(epoch FROM finished_at - started_at) AS seconds FROM fsql_catalog.jobs WHERE name LIKE '%${query}'`;
      const { state, error, seconds } = await until(client, started, job, (row) => !['CREATED', 'RUNNING'].includes(row.state));
      if (state !== 'FINISHED') throw new Error(`the job is ${state}: ${error}`);
      return Number(seconds);
    } finally {
      await client.end();
    }
  } finally {
    await Promise.all(started.map((child) => child.stop()));
  }
}

function start(launcher, args) {
  const child = spawn(process.execPath, [launcher, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const errors = [];
  child.stderr.on('data', (data) => errors.push(data));
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  const check = () => {
    if (child.exitCode !== null) throw new Error(`fsql ${args.join(' ')} ended with ${child.exitCode}\n${Buffer.concat(errors)}`);
  };
  return { stop, check };
}

async function connected(port, started) {
  for (const deadline = performance.now() + START_MS; ; await pause()) {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'fsql', database: 'fsql' });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      for (const child of started) child.check();
      if (performance.now() > deadline) throw error;
    }
  }
}

/** The first row of a query that is `wanted`. */
async function until(client, started, sql, wanted) {
  for (;;) {
    const { rows } = await client.query(sql);
    if (rows.length > 0 && wanted(rows[0])) return rows[0];
    for (const child of started) child.check();
    await pause();
  }
}

function pause() {
  return new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
