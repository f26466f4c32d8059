import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { ServerProcess } from './server-process.ts';
import { jobManager, standbyCluster, waiting } from './standby-cluster.ts';
import { freePort } from './task-manager-process.ts';

const TEST_MS_MAX = 300_000;
const started: { dispose(): Promise<void> }[] = [];

afterEach(async (context) => {
  for (const one of started.splice(0).reverse()) {
    if (context.task.result?.state === 'fail') process.stderr.write(`log of the failed test:\n${(one as ServerProcess).log}\n`);
    await one.dispose();
  }
});

function keep<T extends { dispose(): Promise<void> }>(one: T): T {
  started.push(one);
  return one;
}

/** Writes rows of one, two, three … until it is told to end, to whoever leads. */
class Writer {
  readonly acknowledged: number[] = [];
  #next = 1;
  #server: ServerProcess;
  #running = true;
  readonly #ended: Promise<void>;

  constructor(server: ServerProcess) {
    this.#server = server;
    this.#ended = this.#run();
  }

  goTo(server: ServerProcess): void {
    this.#server = server;
  }

  /** So many more rows are in. */
  async more(count: number): Promise<void> {
    const goal = this.acknowledged.length + count;
    await eventually(
      `${count} more rows`,
      async () => this.acknowledged.length,
      (rows) => rows >= goal,
      60_000,
    );
  }

  async end(): Promise<void> {
    this.#running = false;
    await this.#ended;
  }

  async #run(): Promise<void> {
    while (this.#running) {
      const id = this.#next++;
      const server = this.#server;
      // One that sleeps gives no answer: nothing is known of this row then.
      const answer = server.rows(`INSERT INTO deposits VALUES (${id}, ${id % 7}, ${id})`).then(
        () => this.acknowledged.push(id),
        () => new Promise((resolve) => setTimeout(resolve, 20)),
      );
      await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 2_000))]);
    }
  }
}

async function createViews(server: ServerProcess): Promise<void> {
  await server.rows('CREATE TABLE deposits (id BIGINT PRIMARY KEY, account BIGINT, amount BIGINT)');
  await server.rows('CREATE MATERIALIZED VIEW balances AS SELECT account, count(*) AS n, sum(amount) AS total FROM deposits GROUP BY account');
}

/** Every acknowledged row is there once, the view is what its query gives, and nothing else has come. */
async function check(server: ServerProcess, writer: Writer): Promise<void> {
  await writer.end();
  const rows = (await server.rows('SELECT id FROM deposits ORDER BY id')).map(([id]) => Number(id));
  expect(new Set(rows).size).toBe(rows.length);
  const there = new Set(rows);
  expect(writer.acknowledged.filter((id) => !there.has(id))).toEqual([]);
  const query = 'SELECT account, count(*) AS n, sum(amount) AS total FROM deposits GROUP BY account';
  expect(await server.rows('SELECT * FROM balances ORDER BY 1')).toEqual(await server.rows(`${query} ORDER BY 1`));
  expect(await server.value('SELECT sum(n) FROM balances')).toBe(String(rows.length));
}

/** The standby leads and its jobs run. The time it took is printed, and depends on the machine. */
async function takenOver(standby: ServerProcess, what: string): Promise<void> {
  const startMs = performance.now();
  await standby.ready();
  const readyMs = performance.now() - startMs;
  await eventually(
    'the view can be read',
    () => standby.rows('SELECT count(*) FROM balances'),
    (rows) => rows.length === 1,
    60_000,
  );
  process.stderr.write(`${what}: led after ${Math.round(readyMs)} ms, views readable after ${Math.round(performance.now() - startMs)} ms\n`);
}

describe('a standby', () => {
  test('takes over from a JobManager killed with -9: nothing is lost or doubled', { timeout: TEST_MS_MAX }, async () => {
    const { leader, standby, taskManagers } = await standbyCluster(keep);
    await createViews(leader);
    const writer = new Writer(leader);
    await writer.more(30);
    await leader.rows('CHECKPOINT');
    await writer.more(30);
    await leader.kill();
    await takenOver(standby, 'killed');
    writer.goTo(standby);
    await Promise.all(taskManagers.map((taskManager) => taskManager.joined(2)));
    await writer.more(30);
    await check(standby, writer);
  });

  test('takes over from a JobManager that is stopped; when that wakes it is refused and ends', { timeout: TEST_MS_MAX }, async () => {
    const { leader, standby, taskManagers } = await standbyCluster(keep);
    await createViews(leader);
    const [asleep, reading] = [await leader.connect(), await leader.connect()];
    const writer = new Writer(leader);
    await writer.more(30);
    await leader.rows('CHECKPOINT');
    await writer.more(10);
    leader.signal('SIGSTOP');
    await takenOver(standby, 'stopped');
    // Both statements wait in the sockets of the process that sleeps.
    const read = reading.query('SELECT count(*) FROM deposits').then(
      () => 'answered',
      () => 'refused',
    );
    const late = asleep.query('INSERT INTO deposits VALUES (-1, 0, 1000000)').then(
      () => 'acknowledged',
      () => 'refused',
    );
    writer.goTo(standby);
    await Promise.all(taskManagers.map((taskManager) => taskManager.joined(2)));
    await writer.more(30);
    leader.signal('SIGCONT');
    expect(await leader.end()).toEqual({ code: 1, signal: null });
    expect(leader.log).toMatch(/ERROR: {2}the data directory has been taken over by another server\nDETAIL: .*\nHINT: .*--standby/);
    expect([await late, await read]).toEqual(['refused', 'refused']);
    await writer.more(30);
    expect(await standby.value('SELECT count(*) FROM deposits WHERE id = -1')).toBe('0');
    await check(standby, writer);
    await standby.end('SIGTERM');
    await standby.restart();
    await takenOver(standby, 'started again');
    expect(await standby.value('SELECT count(*) FROM deposits WHERE id > 0')).toBe(await standby.value('SELECT sum(n) FROM balances'));
  });

  test('is found by front ends: sessions end with 57P01, new ones go to whoever leads', { timeout: TEST_MS_MAX }, async () => {
    const { leader, standby, ports } = await standbyCluster(keep);
    const frontEnd = keep(await ServerProcess.start({ frontEndOf: ports }));
    await createViews(frontEnd);
    const writer = new Writer(frontEnd);
    await writer.more(20);
    const [idle, busy] = [await frontEnd.connect(), await frontEnd.connect()];
    const ends = [idle, busy].map((client) => new Promise<unknown>((resolve) => client.once('error', resolve)));
    await idle.query('SELECT 1');
    const following = busy.query('COPY (SUBSCRIBE balances) TO STDOUT').catch((error: unknown) => error);
    leader.signal('SIGSTOP');
    await takenOver(standby, 'stopped, behind a front end');
    expect(await ends[0]).toMatchObject({ code: '57P01', hint: expect.stringContaining('Connect again') });
    expect(await following).toBeInstanceOf(Error);
    await writer.more(20);
    const http = await fetch(`http://127.0.0.1:${frontEnd.httpPort}/health/ready`);
    expect(http.status).toBe(200);
    leader.signal('SIGCONT');
    expect(await leader.end()).toEqual({ code: 1, signal: null });
    await check(frontEnd, writer);
    await standby.end('SIGTERM');
    await expect(frontEnd.connect()).rejects.toMatchObject({ code: '57P03', hint: expect.stringContaining('a standby takes over') });
    expect((await fetch(`http://127.0.0.1:${frontEnd.httpPort}/health/ready`)).status).toBe(503);
    expect(await frontEnd.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  test('of two takes over, the other goes on waiting, and a third server is refused', { timeout: TEST_MS_MAX }, async () => {
    const leader = jobManager(keep, await freePort(), { standby: false, slots: 1 });
    await leader.ready();
    await leader.rows('CREATE TABLE t (id INT PRIMARY KEY)');
    await leader.rows('INSERT INTO t VALUES (1)');
    const standbys = [
      jobManager(keep, await freePort(), { dataDir: leader.dataDir, standby: true, slots: 1 }),
      jobManager(keep, await freePort(), { dataDir: leader.dataDir, standby: true, slots: 1 }),
    ];
    await Promise.all(standbys.map(waiting));
    const refused = jobManager(keep, await freePort(), { dataDir: leader.dataDir, standby: false });
    expect(await refused.end()).toEqual({ code: 2, signal: null });
    expect(refused.log).toMatch(/is in use by another fsql server .*--standby/);
    await leader.kill();
    const first = await Promise.race(standbys.map((standby) => standby.ready().then(() => standby)));
    const other = standbys.find((standby) => standby !== first)!;
    expect(other.output).not.toContain('fsql ready');
    expect(await first.value('SELECT count(*) FROM t')).toBe('1');
    expect(await other.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});
