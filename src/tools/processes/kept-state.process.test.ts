import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { ServerProcess } from './server-process.ts';
import { crashRounds, testRandom } from './test-parameters.ts';

const ALL = 'SELECT shop, count(*) AS rows, sum(n) AS total FROM t GROUP BY shop';
const MOST = `${ALL} HAVING count(*) > 20`;

let server: ServerProcess | null = null;

afterEach(async () => {
  await server?.dispose();
  server = null;
});

/** Gives the view the one query and the other, and the table rows, until the connection breaks. */
async function change(round: number): Promise<void> {
  const [definer, writer] = [await server!.connect(), await server!.connect()];
  const define = async (): Promise<void> => {
    for (let turn = 0; ; turn++) await definer.query(`ALTER MATERIALIZED VIEW v AS ${turn % 2 === 0 ? MOST : ALL}`);
  };
  const write = async (): Promise<void> => {
    for (let turn = 0; ; turn++) {
      await writer.query(`INSERT INTO t SELECT 's' || i % 40, i FROM generate_series(${turn}, ${turn + 60}) AS i`);
      await writer.query(`DELETE FROM t WHERE n = ${(turn * 7 + round) % 50}`);
    }
  };
  await Promise.allSettled([define(), write()]);
}

test('a view whose query changes and keeps its state is right after kill -9 in the middle', { timeout: 600_000 }, async () => {
  const rounds = crashRounds(2);
  const random = testRandom('kept state', `${rounds} rounds`);
  server = await ServerProcess.start({ slots: 2 });
  await server.rows('CREATE TABLE t (shop TEXT, n INT)');
  await server.rows(`CREATE MATERIALIZED VIEW v AS ${ALL}`);
  await server.rows('CREATE MATERIALIZED VIEW w AS SELECT count(*) AS shops, sum(total) AS total FROM v');
  for (let round = 0; round < rounds; round++) {
    const changing = change(round);
    await sleep(500 + random.nextInt(2500));
    await server.kill();
    await changing;
    await server.restart();
    const text = await server.value("SELECT statement FROM fsql_catalog.relations WHERE name = 'v'");
    const query = text?.includes('HAVING') ? MOST : ALL;
    await server.rows('FLUSH');
    expect(await server.rows(`SELECT * FROM v EXCEPT ALL (${query})`)).toEqual([]);
    expect(await server.rows(`(${query}) EXCEPT ALL SELECT * FROM v`)).toEqual([]);
    expect(await server.rows('SELECT * FROM w EXCEPT ALL SELECT count(*), sum(total) FROM v')).toEqual([]);
  }
});
