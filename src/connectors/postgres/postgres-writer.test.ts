import { createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { seededRandom, silentLogger } from '../../base/index.ts';
import { batchFromRows } from '../../batch/index.ts';
import { RealPostgres } from '../../functions/testing/real-postgres.ts';
import type { EdgeColumn } from '../../jobgraph/index.ts';
import { type FormatDefinition, Registry, type SinkContext, type SinkShape } from '../../spi/index.ts';
import { standingClock } from '../../state/testing/index.ts';
import { type Datum, int4Type, int8Type, textType } from '../../types/index.ts';
import { checkSink } from './check-sink.ts';
import { PostgresWriter } from './postgres-writer.ts';

const START_TIMEOUT_MS = 120_000;
const columns: readonly EdgeColumn[] = [
  { name: 'id', type: int4Type },
  { name: 'name', type: textType },
];

let server: RealPostgres;

beforeAll(async () => {
  server = await RealPostgres.start();
}, START_TIMEOUT_MS);
afterAll(async () => server.stop());
beforeEach(async () => {
  await server.run(
    'DROP TABLE IF EXISTS fsql_sink_epochs, appended, keyed; CREATE TABLE appended (id int, name text); CREATE TABLE keyed (id int PRIMARY KEY, name text)',
  );
});

function options(table: string, more: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> {
  const address = { url: `jdbc:postgresql://127.0.0.1:${server.port}/postgres`, username: 'postgres', password: 'postgres' };
  return new Map(Object.entries({ ...address, 'table-name': table, 'sink.id': 'abc', ...more }));
}

function writerOf(table: string, key: readonly number[] | null, more: Partial<SinkContext> = {}): PostgresWriter {
  const formats = new Registry<FormatDefinition>([], ({ name }) => name);
  return new PostgresWriter({
    sink: 'out',
    job: 'job',
    options: options(table),
    columns,
    key,
    formats,
    clock: standingClock,
    logger: silentLogger,
    subtaskIndex: 0,
    parallelism: 1,
    wake: () => undefined,
    tableDelivery: null,
    ...more,
  });
}

type Rows = readonly (readonly (Datum | null)[])[];

function write(writer: PostgresWriter, epoch: number, rows: Rows, weights?: readonly number[]): void {
  writer.write(
    epoch,
    batchFromRows(
      columns.map(({ type }) => type),
      rows,
      weights,
    ),
  );
}

async function texts(sql: string): Promise<string[]> {
  return (await server.table(sql)).rows.map((row) => row.join(' '));
}

const committedEpoch = 'SELECT name, epoch FROM fsql_sink_epochs';

test('rows and the epoch they are of appear together, when their checkpoint is committed', async () => {
  const writer = writerOf('appended', null);
  await writer.recover(0, []);
  write(writer, 3, [
    [1, "it's"],
    [2, null],
  ]);
  write(writer, 4, [[2, 'twice']], [2]);
  expect(writer.outbox().bytes).toBeGreaterThan(0);
  const bytes = writer.prepare(4)!;
  expect(await texts('SELECT * FROM appended')).toEqual([]);
  await writer.commit(4, bytes);
  expect(await texts('SELECT id, name IS NULL FROM appended ORDER BY 1, 2')).toEqual(['1 f', '2 f', '2 f', '2 t']);
  expect(await texts(committedEpoch)).toEqual(['out 4']);
  expect(writer.outbox()).toEqual({ bytes: 0, full: false, marker: 'epoch 4' });
  expect(writer.prepare(5), 'nothing to commit without rows').toBeNull();
  await writer.close();
});

test('rows of a key come, change and go', async () => {
  const writer = writerOf('keyed', [0]);
  write(writer, 1, [
    [1, 'one'],
    [2, 'two'],
    [3, 'three'],
  ]);
  await writer.commit(1, writer.prepare(1)!);
  write(
    writer,
    2,
    [
      [1, 'one'],
      [2, 'zwei'],
    ],
    [-1, 1],
  );
  write(writer, 3, [[1, 'eins']]);
  write(writer, 4, [[3, 'three']], [-1]);
  await writer.commit(4, writer.prepare(4)!);
  expect(await texts('SELECT * FROM keyed ORDER BY 1')).toEqual(['1 eins', '2 zwei']);
  await writer.close();
});

test.each([1, 2, 3, 4, 5, 6])('rows are there once, wherever it crashes and from whatever checkpoint it goes on (seed %i)', async (seed) => {
  const random = seededRandom(seed);
  const epochs = 14;
  const rowsOf = Array.from({ length: epochs + 1 }, (_, epoch) =>
    epoch === 0 ? [] : Array.from({ length: random.nextInt(3) }, (_, row) => [epoch * 10 + row, `e${epoch}`] as const),
  );
  let checkpoints: { epoch: number; waiting: Map<number, Uint8Array> }[] = [{ epoch: 0, waiting: new Map() }];
  let crashes = 6;
  const crashesNow = (): boolean => crashes > 0 && random.nextInt(4) === 0 && crashes-- > 0;
  for (let done = false; !done; ) {
    const from = checkpoints[random.nextInt(checkpoints.length)]!;
    checkpoints = checkpoints.filter(({ epoch }) => epoch <= from.epoch);
    const writer = writerOf('appended', null);
    const waiting = new Map(from.waiting);
    await writer.recover(
      from.epoch,
      [...waiting].map(([epoch, bytes]) => ({ epoch, bytes })),
    );
    const commitAll = async (): Promise<void> => {
      for (const [epoch, bytes] of [...waiting]) {
        await writer.commit(epoch, bytes);
        // A crash here has committed what the state still says is to be committed.
        if (crashesNow()) throw new Error('crash');
        waiting.delete(epoch);
      }
    };
    try {
      await commitAll();
      for (let epoch = from.epoch + 1; epoch <= epochs; epoch++) {
        write(writer, epoch, rowsOf[epoch]!);
        if (crashesNow()) throw new Error('crash');
        if (epoch < epochs && random.nextInt(2) === 0) continue;
        const bytes = writer.prepare(epoch);
        if (bytes !== null) waiting.set(epoch, bytes);
        checkpoints.push({ epoch, waiting: new Map(waiting) });
        if (crashesNow()) throw new Error('crash');
        await commitAll();
      }
      done = true;
    } catch (error) {
      expect((error as Error).message).toBe('crash');
    }
    await writer.close();
  }
  const expected = rowsOf.flat().map(([id]) => String(id));
  expect(await texts('SELECT id FROM appended ORDER BY id')).toEqual(expected);
});

test('a connection that breaks is made anew, and what the server has is not written again', async () => {
  const writer = writerOf('appended', null);
  write(writer, 1, [[1, 'a']]);
  const first = writer.prepare(1)!;
  await writer.commit(1, first);
  await server.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fsql'");
  write(writer, 2, [[2, 'b']]);
  const second = writer.prepare(2)!;
  await expect(writer.commit(2, second)).rejects.toMatchObject({ class: 'external' });
  await writer.commit(1, first);
  await writer.commit(2, second);
  expect(await texts('SELECT id FROM appended ORDER BY id')).toEqual(['1', '2']);
  await writer.close();
});

test('a server that is down is named as the cause, and the rows wait', async () => {
  const port = await freePort();
  const writer = writerOf('appended', null, { options: options('appended', { port: String(port) }) });
  await writer.recover(0, []);
  write(writer, 1, [[1, 'a']]);
  const bytes = writer.prepare(1)!;
  await expect(writer.commit(1, bytes)).rejects.toMatchObject({
    code: '08006',
    class: 'external',
    message: expect.stringContaining(`127.0.0.1:${port}`),
  });
  expect(writer.ready()).toBe(true);
  await writer.close();
});

test('who has claimed the sink last writes, the other one is told', async () => {
  const first = writerOf('appended', null);
  write(first, 1, [[1, 'a']]);
  await first.commit(1, first.prepare(1)!);
  const second = writerOf('appended', null);
  write(second, 2, [[2, 'b']]);
  await second.commit(2, second.prepare(2)!);
  write(first, 3, [[3, 'c']]);
  const bytes = first.prepare(3)!;
  for (let attempt = 0; attempt < 2; attempt++) await expect(first.commit(3, bytes)).rejects.toThrow(/somebody else writes the output of sink "out"/);
  expect(await texts('SELECT id FROM appended ORDER BY id')).toEqual(['1', '2']);
  await first.close();
  await second.close();
});

test('rows of one INSERT are written without an epoch', async () => {
  const writer = writerOf('keyed', [0], { job: null });
  write(writer, 9, [[1, 'a']]);
  await writer.commit(9, writer.prepare(9)!);
  expect(await texts('SELECT * FROM keyed')).toEqual(['1 a']);
  expect(await texts("SELECT to_regclass('fsql_sink_epochs') IS NULL")).toEqual(['t']);
  await writer.close();
});

describe('what CREATE finds out', () => {
  const shape = (more: Partial<SinkShape> = {}): SinkShape => ({ columns, key: null, clock: standingClock, logger: silentLogger, ...more });

  test('a table that takes the rows passes, by any of the spellings', async () => {
    await checkSink(options('appended'), shape());
    await checkSink(options('public.keyed'), shape({ key: [0] }));
    const url = `postgres://postgres:postgres@127.0.0.1:${server.port}/postgres?sslmode=disable`;
    await checkSink(new Map(Object.entries({ url, 'table-name': 'appended', type: 'append-only' })), shape());
    const jdbc = `jdbc:postgresql://127.0.0.1:${server.port}/postgres?user=postgres&password=postgres`;
    await checkSink(new Map(Object.entries({ url: jdbc, 'table-name': 'keyed', type: 'upsert' })), shape({ key: [0] }));
  });

  test.each([
    ['missing', {}, {}, '42P01', /CREATE TABLE "public"."missing" \("id" integer, "name" text\)/],
    ['appended', {}, { columns: [{ name: 'nmae', type: textType }] }, '42703', /Perhaps you meant "name"/],
    ['appended', {}, { columns: [{ name: 'id', type: textType }] }, '42804', /cast/],
    ['appended', {}, { key: [0] }, '42P10', /./],
    ['appended', { password: 'wrong' }, {}, '28P01', /./],
    ['appended', { url: 'jdbc:mysql://localhost/x' }, {}, '22023', /postgres:\/\/host/],
    ['appended', { type: 'upsert' }, {}, '22023', /primary_key/],
    ['keyed', { type: 'append-only' }, { key: [0] }, '22023', /primary_key/],
  ] as const)('%s %o %o is refused with %s', async (table, more, made, code, said) => {
    const error = await checkSink(options(table, more), shape(made)).then(
      () => null,
      (cause: Error & { code: string; hint?: string; detail?: string }) => cause,
    );
    expect(error?.code).toBe(code);
    expect(`${error?.message} ${error?.hint}`).toMatch(said);
  });

  test('a user without the right is refused', async () => {
    await server.run("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD 'r'; GRANT SELECT ON appended TO reader");
    await expect(checkSink(options('appended', { username: 'reader', password: 'r' }), shape())).rejects.toMatchObject({ code: '42501' });
  });
});

test('values of every type arrive as they are', async () => {
  const values: readonly (readonly [string, EdgeColumn['type'], Datum | null, string])[] = [
    ['i8', int8Type, -9_223_372_036_854_775_808n, '-9223372036854775808'],
    ['t', textType, 'a\n"b",{\\}', 'a\n"b",{\\}'],
    ['f', { kind: 'float8' }, Number.NaN, 'NaN'],
    ['b', { kind: 'bool' }, true, 't'],
    ['y', { kind: 'bytea' }, Uint8Array.of(0, 255), '\\x00ff'],
    ['ts', { kind: 'timestamptz', precision: 6 }, 1_700_000_000_123_456n, '2023-11-14 22:13:20.123456+00'],
  ];
  await server.run('DROP TABLE IF EXISTS typed; CREATE TABLE typed (i8 bigint, t text, f float8, b boolean, y bytea, ts timestamptz)');
  const types = values.map(([name, type]) => ({ name, type }));
  const writer = writerOf('typed', null, { columns: types });
  const batch = batchFromRows(
    types.map(({ type }) => type),
    [values.map(([, , value]) => value), values.map(() => null)],
  );
  writer.write(1, batch);
  await writer.commit(1, writer.prepare(1)!);
  expect((await server.table('SELECT * FROM typed')).rows).toEqual([values.map(([, , , text]) => text), values.map(() => null)]);
  await writer.close();
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
