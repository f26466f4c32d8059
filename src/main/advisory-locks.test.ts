import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import postgres from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../base/adapters/system-clock.ts';
import { silentLogger } from '../base/index.ts';
import { createPgServer, type PgServer } from '../server/index.ts';
import { createSessionFactory } from '../session/index.ts';
import { type Database, openDatabase } from './open-database.ts';

/** Longer than a statement that does not wait for the other session takes. */
const WAITED_MS = 150;

let database: Database;
let server: PgServer;
let port: number;
let [first, second]: [pg.Client, pg.Client] = [new pg.Client(), new pg.Client()];

beforeEach(async () => {
  database = await openDatabase({ dataDir: null, slots: 1, host: 'in-thread', logger: silentLogger });
  server = createPgServer({ host: '127.0.0.1', port: 0, clock: systemClock, sessions: createSessionFactory(database.engine) });
  ({ port } = await server.listen());
  const options = { host: '127.0.0.1', port, user: 'fsql', database: 'fsql' };
  [first, second] = [new pg.Client(options), new pg.Client(options)];
  for (const client of [first, second]) {
    client.on('error', () => undefined);
    await client.connect();
  }
});
afterEach(async () => {
  for (const client of [first, second]) await client.end();
  await server.close(0);
  await database.close();
});

async function value(client: pg.Client, sql: string, parameters: unknown[] = []): Promise<unknown> {
  const { rows } = await client.query({ text: sql, values: parameters, rowMode: 'array' });
  return (rows[0] as unknown[] | undefined)?.[0];
}

async function isWaiting(running: Promise<unknown>): Promise<boolean> {
  return Promise.race([running.then(() => false), sleep(WAITED_MS).then(() => true)]);
}

const owners = (client: pg.Client): Promise<unknown> =>
  value(client, "SELECT string_agg(concat_ws(' ', classid, objid, objsubid, mode, granted), ', ' ORDER BY granted DESC) FROM pg_locks");

test('a migration waits for the one that runs, and goes on when it has ended', async () => {
  expect(await value(first, 'SELECT pg_advisory_lock($1)', ['72707369'])).toBe('');
  expect(await value(second, 'SELECT pg_try_advisory_lock(72707369)')).toBe(false);
  const waiting = value(second, 'SELECT pg_advisory_lock(72707369)');
  expect(await isWaiting(waiting)).toBe(true);
  expect(await owners(first)).toBe('0 72707369 1 ExclusiveLock t, 0 72707369 1 ExclusiveLock f');
  expect(await value(first, 'SELECT pid = pg_backend_pid() FROM pg_locks WHERE granted')).toBe(true);
  expect(await value(first, 'SELECT pg_advisory_unlock(72707369)')).toBe(true);
  expect(await waiting).toBe('');
  expect(await value(first, 'SELECT pg_try_advisory_lock(72707369)')).toBe(false);
});

test('a lock is had as often as it was taken, shared by those who ask so, and of the session whatever its transactions do', async () => {
  await first.query('BEGIN; SELECT pg_advisory_lock(-1), pg_advisory_lock(-1); ROLLBACK');
  await first.query('SELECT pg_advisory_unlock(-1)');
  expect(await value(second, 'SELECT pg_try_advisory_lock_shared(-1)')).toBe(false);
  await first.query('SELECT pg_advisory_unlock(-1)');
  expect(await value(first, 'SELECT pg_advisory_lock_shared(-1)')).toBe('');
  expect(await value(second, 'SELECT pg_try_advisory_lock_shared(-1)')).toBe(true);
  expect(await value(second, 'SELECT pg_try_advisory_lock(-1)')).toBe(false);
  // Two integers are never the same lock as one bigint.
  expect(await value(second, 'SELECT pg_try_advisory_lock(-1, -1)')).toBe(true);
  expect(await owners(first)).toContain('4294967295 4294967295 2 ExclusiveLock t');
});

test('a lock of the transaction ends with it, or with the savepoint behind which it was taken', async () => {
  await first.query('BEGIN');
  await first.query('SELECT pg_advisory_xact_lock(1)');
  await first.query('SAVEPOINT a');
  await first.query('SELECT pg_advisory_xact_lock(2), pg_advisory_xact_lock(1)');
  expect(await value(first, 'SELECT pg_advisory_unlock(1)')).toBe(false);
  expect(await value(second, 'SELECT pg_try_advisory_lock(2)')).toBe(false);
  await first.query('ROLLBACK TO a');
  expect(await value(second, 'SELECT pg_try_advisory_lock(2)')).toBe(true);
  expect(await value(second, 'SELECT pg_try_advisory_lock(1)')).toBe(false);
  await first.query('COMMIT');
  expect(await value(second, 'SELECT pg_try_advisory_xact_lock(1)')).toBe(true);
  expect(await value(first, 'SELECT pg_try_advisory_lock(1)')).toBe(true);
});

test('a session that ends, is killed or says DISCARD ALL has no lock any more', async () => {
  await first.query('SELECT pg_advisory_lock(1)');
  await first.query('DISCARD ALL');
  await second.query('SELECT pg_advisory_lock(1)');
  const waiting = value(first, 'SELECT pg_advisory_lock(1)');
  expect(await isWaiting(waiting)).toBe(true);
  (second as unknown as { readonly connection: { readonly stream: { destroy(): void } } }).connection.stream.destroy();
  expect(await waiting).toBe('');
});

test('a client that is killed while it waits is not given the lock', async () => {
  await first.query('SELECT pg_advisory_lock(1)');
  const waiting = value(second, 'SELECT pg_advisory_lock(1)').catch(() => 'gone');
  expect(await isWaiting(waiting)).toBe(true);
  (second as unknown as { readonly connection: { readonly stream: { destroy(): void } } }).connection.stream.destroy();
  expect(await waiting).toBe('gone');
  while ((await value(first, 'SELECT count(*)::int FROM pg_locks')) !== 1) await sleep(10);
  await first.query('SELECT pg_advisory_unlock(1)');
  expect(await value(first, 'SELECT count(*)::int FROM pg_locks')).toBe(0);
});

test('waiting ends with a cancel request, statement_timeout and lock_timeout', async () => {
  await first.query('SELECT pg_advisory_lock(1)');
  await second.query("SET lock_timeout = '50ms'");
  await expect(second.query('SELECT pg_advisory_lock(1)')).rejects.toMatchObject({ code: '55P03' });
  await second.query("SET lock_timeout = 0; SET statement_timeout = '50ms'");
  await expect(second.query('SELECT pg_advisory_xact_lock(1)')).rejects.toMatchObject({ code: '57014' });
  await second.query('SET statement_timeout = 0');
  expect(await owners(second)).toBe('0 1 1 ExclusiveLock t');
});

test('a ring of waiters is a deadlock, through tables too', async () => {
  await first.query('CREATE TABLE t (a TEXT)');
  await first.query('SELECT pg_advisory_lock(1)');
  await second.query('SELECT pg_advisory_lock(2)');
  const waiting = value(first, 'SELECT pg_advisory_lock(2)');
  expect(await isWaiting(waiting)).toBe(true);
  await expect(second.query('SELECT pg_advisory_lock(1)')).rejects.toMatchObject({ code: '40P01' });
  await second.query('SELECT pg_advisory_unlock(2)');
  await waiting;
  const writing = value(second, 'INSERT INTO t SELECT pg_advisory_lock(2)::text');
  expect(await isWaiting(writing)).toBe(true);
  await expect(first.query("INSERT INTO t VALUES ('x')")).rejects.toMatchObject({ code: '40P01' });
  await first.query('SELECT pg_advisory_unlock_all()');
  await writing;
  expect(await value(first, 'SELECT count(*)::int FROM t')).toBe(1);
});

test('pg_sleep waits while others are answered, and is cancelled', async () => {
  const sql = postgres({ host: '127.0.0.1', port, user: 'fsql', database: 'fsql', max: 1 });
  const sleeping = sql`SELECT pg_sleep(600)`;
  sleeping.catch(() => undefined);
  expect(await value(second, 'SELECT 1')).toBe(1);
  await second.query("SET statement_timeout = '50ms'");
  await expect(second.query("SELECT pg_sleep_for('1 hour')")).rejects.toMatchObject({ code: '57014' });
  await expect(second.query("SELECT pg_sleep_until(now() + INTERVAL '1 hour')")).rejects.toMatchObject({ code: '57014' });
  await expect(second.query("SELECT pg_sleep('infinity')")).rejects.toMatchObject({ code: '57014' });
  sleeping.cancel();
  await expect(sleeping).rejects.toMatchObject({ code: '57014' });
  await sql.end();
  const began = performance.now();
  expect(await value(first, "SELECT clock_timestamp() - now() >= INTERVAL '0.1 s' FROM pg_sleep(0.1)")).toBe(true);
  expect(performance.now() - began).toBeGreaterThan(90);
});
