import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ServerProcess } from './server-process.ts';
import { crashRounds, testRandom } from './test-parameters.ts';

const ROWS_AT_ONCE = 20;
const KEYS = 7;
/** Keys from here on are written by users, not by the sink. */
const OWN_KEYS_FROM = 1000;

/** Each in one number: 0 when the table is what its sink, or the users, have made of it. */
const DIFFERENCES = [
  'SELECT count(*) FROM (SELECT id FROM rows EXCEPT ALL SELECT id FROM copy WHERE id >= 0)',
  'SELECT count(*) FROM (SELECT id FROM copy WHERE id >= 0 EXCEPT ALL SELECT id FROM rows)',
  `SELECT count(*) FROM (SELECT id % ${KEYS}, count(*) FROM rows GROUP BY 1 EXCEPT ALL SELECT * FROM counts WHERE k < ${OWN_KEYS_FROM})`,
  `SELECT count(*) FROM (SELECT * FROM counts WHERE k < ${OWN_KEYS_FROM} EXCEPT ALL SELECT id % ${KEYS}, count(*) FROM rows GROUP BY 1)`,
  'SELECT count(*) FROM (SELECT * FROM counts EXCEPT ALL SELECT * FROM counts_again)',
  'SELECT count(*) FROM (SELECT * FROM counts_again EXCEPT ALL SELECT * FROM counts)',
  'SELECT (SELECT count(*) FROM copy) - (SELECT n FROM copied)',
];

describe('sinks into tables', () => {
  let server: ServerProcess;
  let asked = 0;
  /** Own rows whose INSERT has been acknowledged. */
  let own: number[] = [];
  let ownAsked = 0;

  beforeEach(async () => {
    server = await ServerProcess.start();
    asked = 0;
    own = [];
    ownAsked = 0;
    for (const sql of [
      'CREATE STREAM rows (id BIGINT)',
      'CREATE TABLE copy (id BIGINT)',
      'CREATE TABLE counts (k BIGINT PRIMARY KEY, n BIGINT)',
      'CREATE TABLE counts_again (k BIGINT PRIMARY KEY, n BIGINT)',
      'CREATE SINK to_copy INTO copy FROM rows',
      `CREATE SINK to_counts INTO counts AS SELECT id % ${KEYS}, count(*) FROM rows GROUP BY 1`,
      'CREATE SINK further INTO counts_again FROM counts',
      'CREATE MATERIALIZED VIEW copied AS SELECT count(*) AS n FROM copy',
    ])
      await server.rows(sql);
  });
  afterEach(async () => server.kill());

  /** Rows for the sinks, and rows of the users' own in the tables they write, until the server is gone. */
  async function write(): Promise<void> {
    for (;;) {
      const ids = Array.from({ length: ROWS_AT_ONCE }, (_, index) => asked + index);
      asked += ROWS_AT_ONCE;
      await server.rows(`INSERT INTO rows VALUES ${ids.map((id) => `(${id})`).join(', ')}`);
    }
  }

  async function writeOwn(): Promise<void> {
    for (;;) {
      const number = ownAsked++;
      await server.rows(`BEGIN; INSERT INTO counts VALUES (${OWN_KEYS_FROM + number}, 0); INSERT INTO copy VALUES (${-1 - number}); COMMIT`);
      own.push(number);
      await server.rows(`UPDATE counts SET n = ${number} WHERE k = ${OWN_KEYS_FROM + number}`);
    }
  }

  async function expectAllOnce(): Promise<void> {
    await server.rows('FLUSH');
    for (const sql of DIFFERENCES) expect([sql, await server.value(sql)]).toEqual([sql, '0']);
    const there = (await server.rows(`SELECT k FROM counts WHERE k >= ${OWN_KEYS_FROM}`)).map((row) => Number(Object.values(row)[0]) - OWN_KEYS_FROM);
    expect(own.filter((number) => !there.includes(number))).toEqual([]);
    expect(await server.value('SELECT count(*) FROM copy WHERE id < 0')).toBe(String(there.length));
  }

  test('every row is there once, whenever the server is killed, while others write the same tables', async () => {
    const rounds = crashRounds(2);
    const random = testRandom('sinks into tables', `${rounds} rounds`);
    for (let round = 0; round < rounds; round++) {
      const writers = [write(), writeOwn()].map((writer) => writer.catch(() => undefined));
      await sleep(150 + random.nextInt(600));
      if (random.nextInt(2) === 0) void server.rows('CHECKPOINT').catch(() => undefined);
      await sleep(random.nextInt(60));
      await server.kill();
      await Promise.all(writers);
      await server.restart();
      await expectAllOnce();
    }
    expect(asked).toBeGreaterThan(0);
    expect(own.length).toBeGreaterThan(0);
  }, 300_000);
});
