import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Random } from '../../base/index.ts';
import { reasonToSkipKafkaTests } from '../kafka/index.ts';
import { type BidModel, bidModel } from './bid-model.ts';
import { bidStatements } from './bid-statements.ts';
import { eventually } from './eventually.ts';
import { KafkaFixture } from './kafka-fixture.ts';
import { ServerProcess } from './server-process.ts';
import { crashRounds, testRandom } from './test-parameters.ts';

const skip = await reasonToSkipKafkaTests();

/** Several statements, one connection. */
async function execute(server: ServerProcess, statements: readonly string[]): Promise<void> {
  const client = await server.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

/** Sends bids in small batches until told to stop; what was sent counts even when nobody acknowledged it in time. */
class BidWriter {
  readonly #done: Promise<void>;
  #stopping = false;

  constructor(kafka: KafkaFixture, topic: string, model: BidModel) {
    this.#done = this.#run(kafka, topic, model);
  }

  async #run(kafka: KafkaFixture, topic: string, model: BidModel): Promise<void> {
    while (!this.#stopping) {
      await kafka.produce(topic, model.next(50));
      await sleep(10);
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#done;
  }
}

/** A client of table `t` that remembers what the server promised: `certain` rows must be there, a `possible` change may be. */
class TableClient {
  readonly certain = new Map<number, string>();
  readonly possible = new Map<number, string>();
  readonly #random: Random;
  #next = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The first rows, acknowledged one by one. */
  async fill(client: pg.Client, count: number): Promise<void> {
    for (; this.#next < count; this.#next++) {
      await client.query('INSERT INTO t VALUES ($1, $2)', [this.#next, 'first']);
      this.certain.set(this.#next, 'first');
    }
    await client.end();
  }

  /** Inserts and updates until the connection breaks. */
  async run(client: pg.Client): Promise<void> {
    for (;;) {
      const update = this.certain.size > 0 && this.#random.nextInt(3) === 0;
      const id = update ? this.#random.nextInt(this.#next) : this.#next++;
      if (update && !this.certain.has(id)) continue;
      const text = `v${this.#random.nextInt(1_000_000)}`;
      this.possible.set(id, text);
      try {
        if (update) await client.query('UPDATE t SET v = $2 WHERE id = $1', [id, text]);
        else await client.query('INSERT INTO t VALUES ($1, $2)', [id, text]);
      } catch (error) {
        if (/terminat|ECONN|EPIPE|not queryable|closed/i.test(String(error))) return;
        throw error;
      }
      this.certain.set(id, text);
      this.possible.delete(id);
    }
  }

  /** Compares with the rows found, and takes over what the crash decided. */
  settle(rows: readonly (string | null)[][]): void {
    const found = new Map(rows.map(([id, v]) => [Number(id), v!]));
    expect(rows.length, 'no row twice').toBe(found.size);
    for (const [id, text] of this.possible) {
      if (found.get(id) === text) this.certain.set(id, text);
    }
    this.possible.clear();
    expect(found).toEqual(this.certain);
  }
}

describe.skipIf(skip !== undefined)('after kill -9', () => {
  let kafka: KafkaFixture;
  let server: ServerProcess | undefined;

  beforeAll(async () => {
    kafka = await KafkaFixture.start();
  }, 120_000);
  afterAll(() => kafka?.stop());
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') process.stderr.write(`server log of the failed test:\n${server?.log}\n`);
    await server?.dispose();
    server = undefined;
  });

  /** Waits until the sources have caught up, then compares every relation with the model. */
  async function compare(on: ServerProcess, model: BidModel): Promise<void> {
    await eventually(
      'all bids read',
      () => on.rows('SELECT (SELECT coalesce(sum(bids), 0) FROM per_auction)'),
      (rows) => Number(rows[0]?.[0]) === model.bids,
    );
    const channels = await on.rows('SELECT channel, n, total FROM per_channel');
    expect(new Map(channels.map(([channel, n, total]) => [channel, [Number(n), Number(total)]]))).toEqual(model.perChannel());
    expect(channels.length).toBe(model.perChannel().size);
    const sums = [...model.perChannel().values()].reduce(([n, total], [count, sum]) => [n + count, total + sum], [0, 0]);
    expect((await on.rows('SELECT n, total FROM total')).map((row) => row.map(Number))).toEqual([sums]);
    const windows = await on.rows('SELECT auction, extract(epoch FROM window_start) * 1000, bids, top FROM per_auction');
    expect(windows.length).toBe(model.windows().size);
    expect(new Map(windows.map(([auction, start, bids, top]) => [`${auction}|${Number(start)}`, [Number(bids), Number(top)]]))).toEqual(
      model.windows(),
    );
    expect(await on.value("SELECT count(*) FROM late_rows('bids')")).toBe(String(model.late));
    expect(await on.value('SELECT count(*) FROM (SELECT DISTINCT partition, "offset" FROM bad_rows(\'bids\')) b')).toBe(String(model.bad));
    expect(await on.value("SELECT count(*) FROM bad_rows('bids')")).toBe(String(model.bad));
  }

  /** Every closed window arrives, with the same answer each time it is told: at least once, and only whole rows. */
  async function compareSink(topic: string, model: BidModel): Promise<void> {
    const found = await eventually(
      'every closed window in the sink',
      async () => {
        const answers = new Map<string, Set<number>>();
        for (const { value } of await kafka.readAll(topic)) {
          const row = JSON.parse(value!) as { auction: number; window_end: string; top: number };
          const key = `${row.auction}|${Date.parse(`${row.window_end.replace(' ', 'T')}Z`)}`;
          answers.set(key, (answers.get(key) ?? new Set()).add(row.top));
        }
        return answers;
      },
      (answers) => answers.size >= model.closedWindows().size,
    );
    expect(new Map([...found].map(([key, tops]) => [key, [...tops]]))).toEqual(new Map([...model.closedWindows()].map(([key, top]) => [key, [top]])));
  }

  test('views, tables, dead letters and sinks go on without a lost or doubled row', { timeout: 1_800_000 }, async () => {
    const rounds = crashRounds(2);
    const random = testRandom('recovery', `${rounds} rounds`);
    const names = { servers: kafka.servers, topic: 'bids', sinkTopic: 'tops' };
    await kafka.createTopic('bids');
    await kafka.createTopic('tops', 1);
    const model = bidModel();
    const table = new TableClient(random);
    server = await ServerProcess.start();
    await execute(server, [
      ...bidStatements(names),
      'CREATE TABLE t (id INT PRIMARY KEY, v TEXT)',
      'CREATE MATERIALIZED VIEW t_count AS SELECT count(*) AS n FROM t',
      'CREATE MATERIALIZED VIEW joined AS SELECT t.id, count(*) AS n FROM bids JOIN t ON bids.auction = t.id GROUP BY t.id',
    ]);
    await table.fill(await server.connect(), 17);
    const catalog = 'SELECT name, kind, job_id FROM fsql_catalog.jobs ORDER BY 1';
    const jobs = await server.rows(catalog);
    const writer = new BidWriter(kafka, 'bids', model);
    let kills = 0;
    try {
      for (let round = 0; round < rounds; round++) {
        const [client, ddl] = [await server.connect(), await server.connect()];
        const writing = table.run(client);
        writing.catch(() => undefined);
        await sleep(random.nextInt(1_500));
        // A definition in flight is there whole after the crash, or not at all.
        const defining = ddl.query(`CREATE MATERIALIZED VIEW extra${round} AS SELECT bidder % 10 AS k, count(*) AS n FROM bids GROUP BY 1`).then(
          () => true,
          () => false,
        );
        await sleep(random.nextInt(400));
        await server.kill();
        kills++;
        const defined = await defining;
        await writing;
        while (random.nextInt(2) === 0) {
          server.relaunch();
          await sleep(random.nextInt(900));
          await server.kill();
          kills++;
        }
        await server.restart();
        // A row that was durable but not acknowledged appears with the next epoch.
        await server.rows('FLUSH');
        table.settle(await server.rows('SELECT id, v FROM t'));
        expect(await server.value('SELECT n FROM t_count')).toBe(String(table.certain.size));
        const found = await server.rows(`SELECT count(*) FROM fsql_catalog.jobs WHERE name = 'extra${round}'`);
        if (defined) expect(found).toEqual([['1']]);
        await execute(server, [`DROP MATERIALIZED VIEW IF EXISTS extra${round}`]);
        expect(await server.rows(catalog)).toEqual(jobs);
      }
    } finally {
      await writer.stop();
    }
    await compare(server, model);
    await compareSink('tops', model);
    const matching = await server.value('SELECT sum(bids) FROM per_auction WHERE auction IN (SELECT id FROM t)');
    expect(await server.value('SELECT sum(n) FROM joined')).toBe(matching);
    process.stderr.write(`recovery: ${kills} kills, ${model.bids} bids, ${table.certain.size} rows of t\n`);
  });
});
