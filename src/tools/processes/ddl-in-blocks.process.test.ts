import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { ServerProcess } from './server-process.ts';
import { crashRounds, testRandom } from './test-parameters.ts';

let server: ServerProcess | undefined;

afterEach(async (context) => {
  if (context.task.result?.state === 'fail') process.stderr.write(`server log of the failed test:\n${server?.log}\n`);
  await server?.dispose();
});

/** One migration after another, as tools run them, until the connection breaks. Each adds to a table that was there, makes one, alters one and drops one. */
async function migrate(on: ServerProcess, state: { next: number; done: number }): Promise<void> {
  const client = await on.connect();
  for (;;) {
    const number = state.next++;
    try {
      await client.query('BEGIN');
      await client.query(`CREATE TABLE made_${number} (id INT PRIMARY KEY, note TEXT)`);
      await client.query(`INSERT INTO made_${number} VALUES ($1, 'first')`, [number]);
      await client.query(`CREATE MATERIALIZED VIEW counted_${number} AS SELECT count(*) AS n FROM made_${number}`);
      await client.query(`ALTER TABLE kept ADD COLUMN c${number} INT DEFAULT ${number}`);
      await client.query('INSERT INTO migrations VALUES ($1)', [number]);
      if (number > 1) await client.query(`DROP TABLE IF EXISTS made_${number - 2} CASCADE`);
      await client.query('COMMIT');
    } catch (error) {
      if (/terminat|ECONN|EPIPE|not queryable|closed/i.test(String(error))) return;
      throw error;
    }
    state.done = number;
  }
}

test('after kill -9 a block with definitions and rows is there whole, or not at all', { timeout: 600_000 }, async () => {
  const rounds = crashRounds(2);
  const random = testRandom('ddl-in-blocks', `${rounds} rounds`);
  server = await ServerProcess.start();
  await server.rows('CREATE TABLE migrations (number INT PRIMARY KEY)');
  await server.rows('CREATE MATERIALIZED VIEW ran AS SELECT count(*) AS n FROM migrations');
  await server.rows('CREATE TABLE kept (id INT PRIMARY KEY)');
  await server.rows('INSERT INTO kept VALUES (1)');
  const state = { next: 0, done: -1 };
  for (let round = 0; round < rounds; round++) {
    const migrating = migrate(server, state);
    migrating.catch(() => undefined);
    const before = state.done;
    await eventually(
      'a migration is through',
      async () => state.done,
      (done) => done > before,
      60_000,
    );
    await sleep(random.nextInt(1_500));
    await server.kill();
    await migrating;
    await server.restart();
    const ran = (await server.rows('SELECT number FROM migrations ORDER BY 1')).map(([number]) => Number(number));
    // What was acknowledged, and perhaps the one that was under way.
    expect(ran.filter((number) => number <= state.done)).toContain(state.done);
    expect(ran.filter((number) => number > state.done).length).toBeLessThanOrEqual(1);
    expect(await server.rows('SELECT n FROM ran')).toEqual([[String(ran.length)]]);
    const columns = await server.rows(
      "SELECT column_name FROM information_schema.columns WHERE table_name = 'kept' AND column_name <> 'id' ORDER BY ordinal_position",
    );
    expect(columns).toEqual(ran.map((number) => [`c${number}`]));
    expect((await server.rows('SELECT * FROM kept')).map((row) => row.map(Number))).toEqual([[1, ...ran]]);
    const tables = await server.rows("SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'made\\_%'");
    const last = ran.at(-1)!;
    // One that was never made is none to drop.
    expect(tables.map(([name]) => name).sort()).toContain(`made_${last}`);
    for (const [name] of tables) {
      const number = Number(name!.slice('made_'.length));
      expect(ran).toContain(number);
      expect(await server.rows(`SELECT id, note FROM ${name}`)).toEqual([[String(number), 'first']]);
      expect(await server.rows(`SELECT n FROM counted_${number}`)).toEqual([['1']]);
    }
    expect((await server.rows("SELECT name FROM fsql_catalog.jobs WHERE name LIKE 'made\\_%'")).length).toBe(tables.length);
    state.done = last;
  }
});
