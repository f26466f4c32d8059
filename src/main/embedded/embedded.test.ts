import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Change, EmbeddedDatabase } from './api.ts';
import { open } from './open.ts';

let db: EmbeddedDatabase;
const notices: string[] = [];

beforeEach(async () => {
  notices.length = 0;
  db = await open({ memory: true, onNotice: ({ message }) => notices.push(message) });
});
afterEach(() => db.close());

test('rows have values of TypeScript, and parameters are given as such', async () => {
  await db.query('CREATE TABLE t (id INT PRIMARY KEY, big BIGINT, price NUMERIC(10,2), at TIMESTAMP, tags TEXT[], doc JSONB, raw BYTEA, ok BOOL)');
  await db.query('INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6, $7, $8)', [
    1,
    9007199254740993n,
    '12.50',
    '2024-01-01 10:00:00',
    ['a', null],
    { deep: [1, 2] },
    Uint8Array.of(1, 2),
    true,
  ]);
  const row = {
    id: 1,
    big: 9007199254740993n,
    price: '12.50',
    at: '2024-01-01 10:00:00',
    tags: ['a', null],
    doc: { deep: [1, 2] },
    raw: Uint8Array.of(1, 2),
    ok: true,
  };
  expect(await db.query('SELECT * FROM t WHERE id = $1', [1])).toEqual([row]);
  expect(await db.query('SELECT 1 AS a; SELECT 2 AS b')).toEqual([{ b: 2 }]);
  expect(await db.query("SELECT ROW(1, 'x') AS r, MAP['k', 5] AS m")).toEqual([{ r: { f1: 1, f2: 'x' }, m: new Map([['k', 5]]) }]);
});

test('whoever changes a row of a result changes nothing else: neither its equal nor the view', async () => {
  await db.query(
    "CREATE TABLE t (id INT PRIMARY KEY, tags TEXT[], raw BYTEA); INSERT INTO t VALUES (1, ARRAY['a'], '\\x01'), (2, ARRAY['a'], '\\x01')",
  );
  await db.query('CREATE MATERIALIZED VIEW v AS SELECT tags, raw FROM t');
  const [first, second] = await db.query<{ tags: string[]; raw: Uint8Array; more?: string }>('SELECT * FROM v');
  first!.more = 'x';
  first!.tags.push('b');
  first!.raw[0] = 9;
  const row = { tags: ['a'], raw: Uint8Array.of(1) };
  expect(second).toEqual(row);
  expect(await db.query('SELECT * FROM v')).toEqual([row, row]);
});

test('times are in the time zone of the session, as results and as parameters', async () => {
  await db.query("SET TimeZone = 'America/New_York'");
  expect(await db.query("SELECT $1::timestamptz AS at, $1::timestamptz = '2024-01-01 00:00'::timestamptz AS same", ['2024-01-01 00:00'])).toEqual([
    { at: '2024-01-01 00:00:00-05', same: true },
  ]);
  expect(await db.query("SELECT ARRAY['2024-01-01 00:00Z'::timestamptz] AS at")).toEqual([{ at: ['2023-12-31 19:00:00-05'] }]);
  expect(await db.query("SELECT $1::timestamptz[] = ARRAY['2024-01-01 00:00'::timestamptz] AS same", [['2024-01-01 00:00']])).toEqual([
    { same: true },
  ]);
});

test('what JavaScript has not given is NULL, and what is no value is refused', async () => {
  expect(await db.query('SELECT $1::text AS x', [undefined as unknown as null])).toEqual([{ x: null }]);
  for (const odd of [() => 1, Symbol('x')]) {
    await expect(db.query('SELECT $1::text', [odd as unknown as null])).rejects.toMatchObject({
      code: '22023',
      message: `a ${typeof odd} is no value of type text`,
    });
  }
});

test('statements that are asked for at once run one after another', async () => {
  await db.query('CREATE TABLE t (id INT)');
  await Promise.all([1, 2, 3].map((id) => db.query('INSERT INTO t VALUES ($1)', [id])));
  expect(await db.query('SELECT count(*) AS n FROM t')).toEqual([{ n: 3n }]);
});

test('errors are those of PostgreSQL, and the next statement runs', async () => {
  await expect(db.query('SELECT nothing')).rejects.toMatchObject({ code: '42703', position: 7 });
  await expect(db.query('SELECT $1::int', [])).rejects.toMatchObject({ code: expect.stringMatching(/^\w{5}$/) });
  await expect(db.query('SELECT $1::int + $2::int', [1])).rejects.toMatchObject({ code: '08P01' });
  await expect(db.query('SELECT $1::int', [[1]])).rejects.toMatchObject({ code: '22023' });
  await expect(db.query('COPY t FROM STDIN')).rejects.toThrow();
  expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a subscription gives the content and each change, until its loop ends', async () => {
  await db.query('CREATE TABLE t (id INT PRIMARY KEY, v INT); INSERT INTO t VALUES (1, 10)');
  const seen: Change<{ readonly total: bigint }>[] = [];
  for await (const change of db.subscribe<{ readonly total: bigint }>('SELECT sum(v) AS total FROM t')) {
    seen.push(change);
    if (seen.length === 1) await db.query('INSERT INTO t VALUES (2, 5)');
    if (seen.length === 3) break;
  }
  expect(seen.map(({ diff, row }) => [diff, row.total]).sort()).toEqual(
    [
      [1, 10n],
      [-1, 10n],
      [1, 15n],
    ].sort(),
  );
  expect(seen[2]!.epoch).toBeGreaterThan(seen[0]!.epoch);
  expect(await db.query("SELECT name FROM fsql_catalog.jobs WHERE name LIKE 'temporary%'")).toEqual([]);
});

test('a subscription takes a query as it is written anywhere else, and only one', async () => {
  await db.query('CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1)');
  const first = async (sql: string): Promise<unknown> => {
    for await (const { row } of db.subscribe(sql)) return row;
    return null;
  };
  for (const sql of ['SELECT id FROM t;', 'SELECT id FROM t -- all of it', '-- all of it\nSELECT id FROM t', 'SUBSCRIBE t;', 't;'])
    expect(await first(sql), sql).toEqual({ id: 1 });
  await expect(first('t; DROP TABLE t')).rejects.toMatchObject({ code: '42601', position: 3 });
});

test('closing ends subscriptions and refuses what comes after it', async () => {
  const other = await open();
  await other.query('CREATE TABLE t (id INT); INSERT INTO t VALUES (1)');
  const changes = other.subscribe('t');
  expect((await changes.next()).value).toMatchObject({ diff: 1, row: { id: 1 } });
  const next = changes.next();
  await other.close();
  expect(await next).toEqual({ done: true, value: undefined });
  await expect(other.query('SELECT 1')).rejects.toMatchObject({ code: '57P01' });
  for (const slots of [0, -1, 1.5, 100_000]) await expect(open({ slots })).rejects.toMatchObject({ code: '22023' });
  await expect(open({ memory: true, dataDir: 'x' })).rejects.toMatchObject({ code: '22023' });
});

describe('functions', () => {
  test('a scalar one is called in queries and in views, with types checked by both languages', async () => {
    await db.function('common_divisor', { arguments: ['int', 'int'], returns: 'int', strict: true }, (a, b) => {
      let [x, y] = [a ?? 0, b ?? 0];
      while (y !== 0) [x, y] = [y, x % y];
      return x;
    });
    expect(await db.query('SELECT common_divisor(12, 18) AS g, common_divisor(NULL, 2) AS nothing')).toEqual([{ g: 6, nothing: null }]);
    await db.query(
      'CREATE TABLE t (a INT, b INT); CREATE MATERIALIZED VIEW v AS SELECT common_divisor(a, b) AS g, count(*) AS n FROM t GROUP BY common_divisor(a, b)',
    );
    await db.query('INSERT INTO t VALUES (4, 6), (8, 6), (5, 5)');
    expect(await db.query('SELECT * FROM v ORDER BY g')).toEqual([
      { g: 2, n: 2n },
      { g: 5, n: 1n },
    ]);
    // @ts-expect-error: the code gives a text where an int is declared.
    await db.function('wrong', { arguments: ['text'], returns: 'int' }, (text) => text);
    await expect(db.query("SELECT wrong('x')")).rejects.toMatchObject({ code: '42804' });
  });

  test('a table function yields rows', async () => {
    await db.tableFunction('series', { arguments: ['int'], columns: { i: 'int', square: 'int' } }, function* (n) {
      for (let i = 1; i <= (n ?? 0); i++) yield { i, square: i * i };
    });
    expect(await db.query('SELECT * FROM series(3)')).toEqual([1, 2, 3].map((i) => ({ i, square: i * i })));
    await db.query('CREATE TABLE t (n INT); INSERT INTO t VALUES (2); CREATE MATERIALIZED VIEW v AS SELECT n, i, square FROM t, LATERAL series(n)');
    expect(await db.query('SELECT sum(square) AS total FROM v')).toEqual([{ total: 5n }]);
  });

  test('an aggregate is right when rows go', async () => {
    await db.aggregate(
      'weighted',
      { arguments: ['int', 'int'], returns: 'double precision' },
      {
        create: () => ({ sum: 0, weight: 0 }),
        accumulate(state, value, weight) {
          return { sum: state.sum + (value ?? 0) * (weight ?? 0), weight: state.weight + (weight ?? 0) };
        },
        finish: (state) => (state.weight === 0 ? null : state.sum / state.weight),
      },
    );
    await db.query('CREATE TABLE t (id INT PRIMARY KEY, v INT, w INT); CREATE MATERIALIZED VIEW m AS SELECT weighted(v, w) AS a FROM t');
    await db.query('INSERT INTO t VALUES (1, 10, 1), (2, 20, 3)');
    expect(await db.query('SELECT a FROM m')).toEqual([{ a: 17.5 }]);
    await db.query('DELETE FROM t WHERE id = 1');
    expect(await db.query('SELECT a FROM m')).toEqual([{ a: 20 }]);
  });

  test('code that cannot be kept is refused, and what it throws is an error of its row', async () => {
    const signature = { arguments: ['double precision'], returns: 'double precision' } as const;
    await expect(db.function('root', signature, Math.sqrt as (x: number | null) => number)).rejects.toMatchObject({ code: '0A000' });
    await expect(db.function('later', signature, (async () => 1) as unknown as () => number)).rejects.toMatchObject({ code: '0A000' });
    const outside = 3;
    await db.function('times', signature, (x) => (x ?? 0) * outside);
    await expect(db.query('SELECT times(2)')).rejects.toMatchObject({ code: '38000', message: expect.stringContaining('outside is not defined') });
  });

  test('they stay with the data directory; the same again is no change, other code is refused while a view calls it', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'fsql-embedded-'));
    const twice = (x: number | null): number => 2 * (x ?? 0);
    const signature = { arguments: ['int'], returns: 'int' } as const;
    try {
      const first = await open({ dataDir });
      await first.function('twice', signature, twice);
      await first.query('CREATE TABLE t (x INT); INSERT INTO t VALUES (21); CREATE MATERIALIZED VIEW v AS SELECT twice(x) AS y FROM t');
      await first.close();
      const second = await open({ dataDir });
      expect(await second.query('SELECT y FROM v')).toEqual([{ y: 42 }]);
      await second.function('twice', signature, twice);
      await expect(second.function('twice', signature, (x) => 3 * (x ?? 0))).rejects.toMatchObject({ code: '2BP01' });
      await second.query('INSERT INTO t VALUES (1)');
      expect(await second.query('SELECT y FROM v ORDER BY y')).toEqual([{ y: 2 }, { y: 42 }]);
      await second.close();
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});

describe('a clock of its own', () => {
  test('stands still until it is moved, and what time brings about is there then', async () => {
    const own = await open({ memory: true, clock: new Date('2026-01-01T12:00:00Z') });
    try {
      await own.query("SET TIME ZONE 'UTC'; CREATE TABLE seen (id INT PRIMARY KEY, at TIMESTAMPTZ)");
      await own.query("CREATE MATERIALIZED VIEW recent AS SELECT id FROM seen WHERE at > now() - INTERVAL '1 minute'");
      await own.query('INSERT INTO seen VALUES (1, now())');
      expect(await own.query('SELECT now()::text AS now')).toEqual([{ now: '2026-01-01 12:00:00+00' }]);
      expect(await own.advance(30_000)).toEqual(new Date('2026-01-01T12:00:30Z'));
      await own.query('INSERT INTO seen VALUES (2, now())');
      expect(await own.query('SELECT id FROM recent ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
      await own.advance(30_000);
      expect(await own.query('SELECT id FROM recent')).toEqual([{ id: 2 }]);
      await own.advance(24 * 3_600_000);
      expect(await own.query('SELECT id FROM recent')).toEqual([]);
      expect(await own.query('SELECT now()::text AS now')).toEqual([{ now: '2026-01-02 12:01:00+00' }]);
    } finally {
      await own.close();
    }
  });

  test('windows of event time go by the watermark, whatever the clock says', async () => {
    const own = await open({ clock: new Date('2026-01-01T12:00:00Z') });
    try {
      await own.query(
        "CREATE STREAM s (k INT, at TIMESTAMP(3), WATERMARK FOR at AS at); CREATE MATERIALIZED VIEW w AS SELECT window_start::text AS start, count(*) AS n FROM TUMBLE(s, at, INTERVAL '10 seconds') GROUP BY window_start, window_end EMIT ON WINDOW CLOSE",
      );
      await own.query("INSERT INTO s VALUES (1, '2030-01-01 00:00:01'), (2, '2030-01-01 00:00:02')");
      await own.advance(3_600_000);
      expect(await own.query('SELECT * FROM w')).toEqual([]);
      await own.query("INSERT INTO s VALUES (3, '2030-01-01 00:00:11')");
      expect(await own.query('SELECT * FROM w')).toEqual([{ start: '2030-01-01 00:00:00', n: 2n }]);
    } finally {
      await own.close();
    }
  });

  test('is refused where it cannot be, and moves only forward', async () => {
    await expect(db.advance(1)).rejects.toMatchObject({ code: '55000', message: 'this database goes by the time of the machine' });
    await expect(open({ dataDir: 'nowhere', clock: new Date() })).rejects.toMatchObject({ code: '22023' });
    await expect(open({ threads: true, clock: new Date() })).rejects.toMatchObject({ code: '22023' });
    await expect(open({ clock: new Date('no time') })).rejects.toMatchObject({ code: '22023', message: 'clock is not a time' });
    const own = await open({ clock: new Date('2026-01-01T12:00:00Z') });
    await expect(own.advance(-1)).rejects.toMatchObject({ code: '22023' });
    await own.close();
    await expect(own.advance(1)).rejects.toMatchObject({ code: '57P01' });
  });
});

describe('a test', () => {
  const pipeline = `
    CREATE STREAM orders (id BIGINT, amount NUMERIC(8,2), at TIMESTAMP(3), WATERMARK FOR at AS at)
      WITH (connector = 'kafka', topic = 'orders', properties.bootstrap.servers = 'kafka.example.com:9092', format = 'json');
    CREATE MATERIALIZED VIEW total AS SELECT sum(amount) AS amount FROM orders;
    CREATE SINK large WITH (connector = 'kafka', topic = 'large', properties.bootstrap.servers = 'kafka.example.com:9092', format = 'json') AS
      SELECT id FROM orders WHERE amount > 10;`;
  let bench: EmbeddedDatabase;
  beforeEach(async () => {
    bench = await open({ memory: true, clock: new Date('2026-01-01T12:00:00Z') });
    await bench.query(pipeline);
  });
  afterEach(() => bench.close());

  test('runs statements over topics in memory and says what each gave', async () => {
    const results = await bench.test(`
      INSERT INTO orders VALUES (1, 3.20, '2024-05-01 10:00:05'), (2, 12.50, '2024-05-01 10:00:06');
      ASSERT CHANGES total = (VALUES ('+I', 15.7));
      ASSERT OUTPUT large = (VALUES ('{"id":2}'));
      ADVANCE CLOCK BY INTERVAL '1 hour';
      SELECT now()::text AS at`);
    expect(results.map(({ line, tag }) => [line, tag])).toEqual([
      [2, 'INSERT 0 2'],
      [3, 'ASSERT CHANGES'],
      [4, 'ASSERT OUTPUT'],
      [5, 'ADVANCE CLOCK'],
      [6, 'SELECT 1'],
    ]);
    expect(results.at(-1)!.rows).toEqual([{ at: '2026-01-01 13:00:00+00' }]);
    // What is written in another way is read, too.
    await bench.query("INSERT INTO orders VALUES (3, 1, '2024-05-01 10:00:07')");
    expect(await bench.query('SELECT amount FROM total')).toEqual([{ amount: '16.70' }]);
    await bench.test("ASSERT CHANGES total = (VALUES ('-U', 15.70), ('+U', 16.70))");
  });

  test('fails with the line and the rows that differ, and the next one runs', async () => {
    const failure = bench.test("INSERT INTO orders VALUES (1, 3.20, '2024-05-01 10:00:05');\n\nASSERT ROWS total = (VALUES (3.3));");
    await expect(failure).rejects.toMatchObject({
      code: 'P0004',
      message: 'line 3: assertion failed: the rows are not those expected\n+ 3.20\n- 3.3',
      line: 3,
      expected: '3.3',
      actual: '3.20',
    });
    await expect(bench.test('SELECT 1;\nSELECT nothing')).rejects.toMatchObject({ code: '42703', line: 2, sql: 'SELECT nothing' });
    await expect(bench.test('\\i does-not-exist.sql')).rejects.toMatchObject({ code: '42601' });
    await bench.test('ASSERT ROWS total = (VALUES (3.20))');
  });

  test('has the clock of its database, and others cannot move theirs', async () => {
    await expect(bench.test("ADVANCE CLOCK TO '2025-01-01'")).rejects.toMatchObject({ code: '22023' });
    await expect(db.test("ADVANCE CLOCK BY INTERVAL '1 second'")).rejects.toMatchObject({ code: '55000' });
    await expect(open({ memory: true, real: ['kafka'] })).rejects.toMatchObject({ code: '22023' });
  });
});
