import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { ServerProcess } from './server-process.ts';
import { freePort, TaskManagerChild } from './task-manager-process.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const BIDS = 20_000;
const HEARTBEAT_TIMEOUT_MS = 3_000;
const TEST_MS_MAX = 300_000;
const folder = temporaryDirectory();
const started: { dispose(): Promise<void> }[] = [];

afterEach(async (context) => {
  for (const one of started.splice(0).reverse()) {
    if (context.task.result?.state === 'fail') process.stderr.write(`log of the failed test:\n${(one as ServerProcess).log}\n`);
    await one.dispose();
  }
});

async function serverOf(args: readonly string[], dataDir?: string): Promise<ServerProcess> {
  const server = await ServerProcess.start({ slots: 0, args: ['--parallelism', '4', ...args], ...(dataDir === undefined ? {} : { dataDir }) });
  started.push(server);
  return server;
}

function taskManager(port: number, args: readonly string[] = []): TaskManagerChild {
  const child = new TaskManagerChild(port, args);
  started.push(child);
  return child;
}

/** A JobManager without slots, and two TaskManagers of two. */
async function cluster(): Promise<{ server: ServerProcess; port: number; first: TaskManagerChild; second: TaskManagerChild }> {
  const port = await freePort();
  const server = await serverOf(['--listen-tasks', `127.0.0.1:${port}`, '--heartbeat-timeout-ms', String(HEARTBEAT_TIMEOUT_MS)]);
  const [first, second] = [taskManager(port), taskManager(port)];
  await Promise.all([first.joined(), second.joined()]);
  return { server, port, first, second };
}

const bid = (i: number): string =>
  `${JSON.stringify({ auction: i % 97, bidder: i % 1009, price: (i * 7919) % 1000, at: new Date(Date.UTC(2024, 0, 1) + i * 100).toISOString().slice(0, 23).replace('T', ' ') })}\n`;

const WINDOWS =
  "SELECT auction, window_start, count(*) AS n, max(price) AS top FROM TUMBLE(bids, at, INTERVAL '10 seconds') GROUP BY auction, window_start, window_end";
const JOINED = 'SELECT b.bidder, sum(b.price) AS total, count(*) AS n FROM bids b JOIN favourites f ON f.auction = b.auction GROUP BY b.bidder';

async function createViews(server: ServerProcess, path: string): Promise<void> {
  await server.rows(`CREATE STREAM bids (auction BIGINT, bidder BIGINT, price BIGINT, at TIMESTAMP(3), WATERMARK FOR at AS at - INTERVAL '4 seconds')
    WITH (connector = 'filesystem', path = '${path}', format = 'json')`);
  await server.rows('CREATE TABLE favourites (auction BIGINT PRIMARY KEY)');
  await server.rows('INSERT INTO favourites SELECT g FROM generate_series(0, 96, 3) g');
  await server.rows(`CREATE MATERIALIZED VIEW windows AS ${WINDOWS}`);
  await server.rows(`CREATE MATERIALIZED VIEW joined AS ${JOINED}`);
}

/** Every view, in order, once all bids are in. */
async function answers(server: ServerProcess, bids: number): Promise<string[]> {
  const read = () => server.rows('SELECT sum(n) FROM windows');
  await eventually('all bids', read, (rows) => rows[0]?.[0] === String(bids), 60_000);
  const windows = await server.rows('SELECT * FROM windows ORDER BY 1, 2');
  const joined = await server.rows('SELECT * FROM joined ORDER BY 1');
  return [...windows, ...joined].map((row) => row.join(' '));
}

/** Rows in which the views differ from their queries, either way. */
function differences(server: ServerProcess): Promise<(string | null)[]> {
  const pairs = [
    ['windows', WINDOWS],
    ['joined', JOINED],
  ] as const;
  const count = ([view, query]: (typeof pairs)[number]) =>
    server.value(
      `SELECT (SELECT count(*) FROM (SELECT * FROM ${view} EXCEPT ALL (${query})) l) + (SELECT count(*) FROM ((${query}) EXCEPT ALL SELECT * FROM ${view}) r)`,
    );
  return Promise.all(pairs.map(count));
}

const states = async (server: ServerProcess): Promise<string> => (await server.rows('SELECT DISTINCT state FROM fsql_catalog.jobs')).join();

describe('slots of other processes', () => {
  test('give the answers that slots of one process give, and keep what they hold in the one data directory', { timeout: TEST_MS_MAX }, async () => {
    const path = join(folder, 'same.jsonl');
    await writeFile(path, Array.from({ length: BIDS }, (_, i) => bid(i)).join(''));
    const alone = await ServerProcess.start({ slots: 4 });
    started.push(alone);
    await createViews(alone, path);
    const expected = await answers(alone, BIDS);
    const { server } = await cluster();
    await createViews(server, path);
    expect(await answers(server, BIDS)).toEqual(expected);
    const places = await server.rows('SELECT task_manager, count(*), min(state) FROM fsql_catalog.slots GROUP BY 1 ORDER BY 1');
    expect(places.map((row) => row.slice(1))).toEqual([
      ['2', 'allocated'],
      ['2', 'allocated'],
    ]);
    expect((await server.rows('SELECT slots, free, address IS NOT NULL FROM fsql_catalog.task_managers')).length).toBe(2);
    await server.end('SIGTERM');
    await server.restart();
    expect(await answers(server, BIDS)).toEqual(expected);
  });

  test('a TaskManager killed with -9: its jobs wait for slots and say so, then go on with nothing lost or doubled', {
    timeout: TEST_MS_MAX,
  }, async () => {
    const path = join(folder, 'killed.jsonl');
    await writeFile(path, Array.from({ length: BIDS }, (_, i) => bid(i)).join(''));
    const { server, port, second } = await cluster();
    await createViews(server, path);
    await second.dispose();
    await eventually(
      'jobs wait',
      () => server.value("SELECT error FROM fsql_catalog.jobs WHERE name = 'windows'"),
      (error) => error?.includes('needs 4 slots, 2 are there') ?? false,
    );
    expect(await states(server)).toBe('RESTARTING');
    taskManager(port);
    await answers(server, BIDS);
    expect(await differences(server)).toEqual(['0', '0']);
    expect(await server.value("SELECT count(*) FROM fsql_catalog.jobs WHERE restarts > 0 AND name = 'windows'")).toBe('1');
    await server.rows('INSERT INTO favourites VALUES (1)');
    expect(await differences(server)).toEqual(['0', '0']);
  });

  test('a stopped TaskManager counts as lost; when it wakes it is refused, ends what it ran, and registers anew', {
    timeout: TEST_MS_MAX,
  }, async () => {
    const path = join(folder, 'stopped.jsonl');
    await writeFile(path, Array.from({ length: BIDS }, (_, i) => bid(i)).join(''));
    const { server, port, first } = await cluster();
    const spare = taskManager(port);
    await spare.joined();
    await createViews(server, path);
    const before = await answers(server, BIDS);
    const { id } = first;
    first.signal('SIGSTOP');
    await eventually(
      'it counts as lost',
      () => server.value(`SELECT count(*) FROM fsql_catalog.task_managers WHERE id = '${id}'`),
      (count) => count === '0',
    );
    await eventually(
      'its jobs run elsewhere',
      () => states(server),
      (state) => !/FAILING|RESTARTING/.test(state),
      60_000,
    );
    await server.rows('INSERT INTO favourites VALUES (1)');
    first.signal('SIGCONT');
    await first.joined(2);
    expect(first.id).not.toBe(id);
    await server.rows('DELETE FROM favourites WHERE auction = 1');
    expect(await answers(server, BIDS)).toEqual(before);
    expect(await server.value(`SELECT state FROM fsql_catalog.slots WHERE task_manager = '${first.id}' LIMIT 1`)).toBe('free');
  });
});

describe('who may not join', () => {
  test('is told why and disturbs nobody', { timeout: TEST_MS_MAX }, async () => {
    const secret = join(folder, 'secret');
    const other = join(folder, 'other-secret');
    await writeFile(secret, 'a secret of more than sixteen bytes\n');
    await writeFile(other, 'another secret of more than sixteen bytes\n');
    const port = await freePort();
    const server = await serverOf(['--listen-tasks', `127.0.0.1:${port}`, '--secret-file', secret, '--slots', '4']);
    await server.rows('CREATE TABLE t (id INT PRIMARY KEY)');
    const wrongSecret = taskManager(port, ['--secret-file', other]);
    const wrongCluster = taskManager(port, ['--secret-file', secret, '--cluster', 'elsewhere']);
    expect(await wrongSecret.end()).toEqual({ code: 1, signal: null });
    expect(wrongSecret.log).toMatch(/refuses this process: its secret is wrong\nHINT: {2}Give all processes of the cluster the same --secret-file/);
    expect(await wrongCluster.end()).toEqual({ code: 1, signal: null });
    expect(wrongCluster.log).toContain('it belongs to cluster "elsewhere", this one is "fsql"');
    const wrongPort = taskManager(server.port);
    await eventually(
      'it says that nobody there is a JobManager',
      async () => wrongPort.log,
      (log) => /without a JobManager|does not speak the protocol/.test(log),
    );
    for (const bytes of [Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.from('fsqlrpc\n\x02\0\0\0\0\0\0\x40\0\0\0\0\0\0\0\0', 'latin1')])
      expect(await sent(port, bytes)).toBe('closed');
    await server.rows('INSERT INTO t VALUES (1)');
    expect(await server.value('SELECT count(*) FROM t')).toBe('1');
    const right = taskManager(port, ['--secret-file', secret]);
    await right.joined();
    expect(server.log).toMatch(
      /a process was refused remote=127\.0\.0\.1:\d+ error="08P01 the other side breaks the protocol between processes \(A frame of 1073741824 bytes/,
    );
  });
});

/** What becomes of a connection that sends these bytes. */
function sent(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('error', () => undefined);
    socket.on('data', () => undefined);
    socket.on('close', () => resolve('closed'));
  });
}
