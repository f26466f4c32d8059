import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pg from 'pg';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../base/adapters/system-clock.ts';
import { type Batch, BatchBuilder } from '../../batch/index.ts';
import {
  arrayOf,
  boolType,
  byteaType,
  type Datum,
  dateType,
  float4Type,
  float8Type,
  int2Type,
  int4Type,
  int8Type,
  intervalType,
  jsonbType,
  numericType,
  parseDatum,
  type SqlType,
  textType,
  timestampType,
  timestamptzType,
  timeType,
  uuidType,
} from '../../types/index.ts';
import { createPgServer, type PgServer } from './index.ts';
import type { ResultField } from './session-contract.ts';
import { copyIn, csvCopyFormat, fakeFactory, field, rowsResult, type Scripts, selects, textCopyFormat } from './test/index.ts';

/** One value of every type as psql shows it, and another one or NULL. */
const samples: readonly (readonly [name: string, type: SqlType, text: string])[] = [
  ['b', boolType, 't'],
  ['i2', int2Type, '-32768'],
  ['i4', int4Type, '2147483647'],
  ['i8', int8Type, '-9223372036854775808'],
  ['safe', int8Type, '9007199254740991'],
  ['f4', float4Type, '1.5'],
  ['f8', float8Type, '1e+100'],
  ['n', numericType, '-12345678901234567890.00120'],
  ['t', textType, 'zażółć gęślą 🐢'],
  ['by', byteaType, '\\xdeadbeef'],
  ['d', dateType, '2024-02-29'],
  ['tm', timeType, '23:59:59.000001'],
  ['ts', timestampType, '1999-12-31 23:59:59.5'],
  ['early', timestampType, '0044-03-15 12:00:00 BC'],
  ['far', timestampType, 'infinity'],
  ['tz', timestamptzType, '2024-06-01 12:00:00+00'],
  ['iv', intervalType, '1 year 2 mons 3 days 04:05:06'],
  ['u', uuidType, '5f0e8a8c-1f0b-4d2e-9c3a-0123456789ab'],
  ['j', jsonbType, '{"a": [1, null]}'],
  ['ar', arrayOf(int4Type), '{1,NULL,3}'],
];
const sampleFields = samples.map(([name, type]) => field(name, type));
const sampleRow = samples.map(([, type, text]) => parseDatum(type, text));

const wideFields: readonly ResultField[] = [field('id', int8Type), field('name'), field('at', timestampType), field('n', int4Type)];

/** Batches of 4096 rows made one after the other: what is not sent is not there. */
async function* manyRows(count: number): AsyncIterable<Batch> {
  const builder = new BatchBuilder(
    wideFields.map((each) => each.type),
    4096,
  );
  const name = new TextEncoder().encode('somebody');
  for (let row = 0; row < count; ) {
    for (const end = Math.min(count, row + 4096); row < end; row++) {
      builder.columns[0]!.appendSafeInteger(row);
      builder.columns[1]!.appendBytes(name, 0, name.length);
      builder.columns[2]!.appendSafeInteger(1_700_000_000_000_000 + row);
      builder.columns[3]!.appendInt32(row % 1000);
      builder.endRow();
    }
    yield builder.finish();
  }
}

const ROWS = 2_000_000;
const copies: ReturnType<typeof copyIn>[] = [];

const scripts: Scripts = {
  'select 1': selects([field('?column?', int4Type)], [[1]]),
  'select all types': selects(sampleFields, [sampleRow, sampleRow.map(() => null)]),
  'select params': {
    parameterTypes: samples.map(([, type]) => type),
    fields: sampleFields,
    run: (_, parameters) => selects(sampleFields, [parameters as Datum[]]).run(null as never, []),
  },
  'select many': { fields: wideFields, run: () => rowsResult(wideFields, manyRows(ROWS)) },
  'copy (select all types) to stdout': {
    run: () => ({ kind: 'copy-out', fields: sampleFields, format: textCopyFormat, batches: allTypes() }),
  },
  'copy (select quoting) to stdout csv header': {
    run: () => ({ kind: 'copy-out', fields: quotingFields, format: { ...csvCopyFormat, header: true }, batches: quoting() }),
  },
  'copy t from stdin csv': {
    run: () => {
      const copy = copyIn([field('id', int4Type), field('v')], csvCopyFormat);
      copies.push(copy);
      return copy;
    },
  },
  'copy (subscribe v) to stdout': {
    run: (session) => ({
      kind: 'copy-out',
      fields: [field('n', int4Type)],
      format: textCopyFormat,
      batches: (async function* () {
        for await (const batch of one([[1], [2]], [int4Type])) yield batch;
        await session.untilCancelled();
      })(),
    }),
  },
};

const quotingFields = [field('plain'), field('spe"cial')];
const quoting = (): AsyncIterable<Batch> =>
  one(
    [
      ['a', 'x,y'],
      ['', null],
      ['line\nbreak', 'say "hi"'],
    ],
    [textType, textType],
  );
const allTypes = (): AsyncIterable<Batch> =>
  one(
    [sampleRow],
    sampleFields.map((each) => each.type),
  );

async function* one(rows: readonly (readonly (Datum | null)[])[], types: readonly SqlType[]): AsyncIterable<Batch> {
  const builder = new BatchBuilder(types);
  for (const row of rows) builder.appendRow(row);
  yield builder.finish();
}

let server: PgServer;
let port: number;
beforeAll(async () => {
  server = createPgServer({ host: '127.0.0.1', port: 0, sessions: fakeFactory(scripts), clock: systemClock });
  ({ port } = await server.listen());
});
afterAll(() => server.close(0));

describe('node-postgres', () => {
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'fsql', database: 'fsql', ssl: false });
    await client.connect();
    return client;
  };

  it('reads every type in text', async () => {
    const client = await connect();
    const { rows } = await client.query({ text: 'select all types', rowMode: 'array', types: { getTypeParser: () => (value: string) => value } });
    expect(rows[0]).toEqual(samples.map(([, , text]) => text));
    expect(rows[1]).toEqual(samples.map(() => null));
    await client.end();
  });

  it('sends parameters and gets them back, in text and in binary', async () => {
    const client = await connect();
    const texts = samples.map(([, , text]) => text);
    const raw = { getTypeParser: () => (value: string | Buffer) => value };
    const text = await client.query({ name: 'p', text: 'select params', values: texts, rowMode: 'array', types: raw });
    expect(text.rows[0]).toEqual(texts);
    const binary = await client.query({ text: 'select all types', values: [], rowMode: 'array', types: raw, binary: true } as pg.QueryArrayConfig);
    const again = await client.query({ name: 'p', text: 'select params', values: binary.rows[0]!, rowMode: 'array', types: raw });
    expect(again.rows[0]).toEqual(texts);
    await client.end();
  });

  it('stays usable after an error', async () => {
    const client = await connect();
    await expect(client.query('nonsense')).rejects.toMatchObject({ code: '42601', position: '1' });
    expect((await client.query('select 1')).rows).toEqual([{ '?column?': 1 }]);
    await client.end();
  });
});

it('serves postgres.js, types fetched or not', async () => {
  const sql = postgres({ host: '127.0.0.1', port, user: 'fsql', database: 'fsql', fetch_types: false, max: 2 });
  const rows = await Promise.all([sql.unsafe('select 1'), sql.unsafe('select 1'), sql.unsafe('select 1')]);
  expect(rows.map((each) => each[0])).toEqual([{ '?column?': 1 }, { '?column?': 1 }, { '?column?': 1 }]);
  await sql.end();
});

describe('psql', () => {
  const run = promisify(execFile);
  const psql = async (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
    run('psql', ['-X', '-h', '127.0.0.1', '-p', String(port), '-U', 'fsql', '-d', 'fsql', '-At', ...args], { maxBuffer: 1e9 });

  it('shows rows', async () => {
    expect((await psql('-c', 'select all types')).stdout.split('\n')[0]).toBe(samples.map(([, , text]) => text).join('|'));
  });

  it('copies out in text and csv', async () => {
    const text = samples.map(([, , each]) => each.replace('\\', '\\\\')).join('\t');
    expect((await psql('-c', 'copy (select all types) to stdout')).stdout).toBe(`${text}\n`);
    expect((await psql('-c', 'copy (select quoting) to stdout csv header')).stdout).toBe(
      'plain,"spe""cial"\na,"x,y"\n"",\n"line\nbreak","say ""hi"""\n',
    );
  });

  it('copies in from a pipe', async () => {
    const child = run('psql', ['-X', '-h', '127.0.0.1', '-p', String(port), '-U', 'fsql', '-d', 'fsql', '-c', 'copy t from stdin csv']);
    child.child.stdin!.end('1,"a,b"\n2,\n3,"say ""hi""\nthere"\n');
    expect((await child).stdout).toBe('COPY 3\n');
    const { rowsOf } = await import('../../batch/index.ts');
    expect(copies.at(-1)!.batches.flatMap(rowsOf)).toEqual([
      [1, 'a,b'],
      [2, null],
      [3, 'say "hi"\nthere'],
    ]);
  });

  it('stops a subscription at Ctrl-C with what it has shown', async () => {
    const child = run('psql', ['-X', '-h', '127.0.0.1', '-p', String(port), '-U', 'fsql', '-d', 'fsql', '-c', 'copy (subscribe v) to stdout']);
    const subscribed = (): boolean => server.activity().some((each) => each.state === 'active' && each.query.startsWith('copy (subscribe'));
    while (!subscribed()) await new Promise((resolve) => setTimeout(resolve, 5));
    // Psql reads and writes in its own time: its output comes through a buffer when it is not a terminal.
    await new Promise((resolve) => setTimeout(resolve, 100));
    child.child.kill('SIGINT');
    await expect(child).rejects.toMatchObject({ stdout: '1\n2\n', stderr: expect.stringContaining('canceling statement due to user request') });
  });
});

it(`streams ${ROWS} rows to a client that reads slowly in bounded memory`, async () => {
  const { connect } = await import('node:net');
  const { serialize } = await import('pg-protocol');
  const socket = connect({ host: '127.0.0.1', port });
  socket.write(serialize.startup({ user: 'fsql', database: 'fsql' }));
  let bytes = 0;
  let tail = Buffer.alloc(0);
  let peak = 0;
  let last = 0;
  const before = process.memoryUsage().rss;
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      if (bytes === 0) socket.write(serialize.query('select many'));
      bytes += chunk.length;
      tail = Buffer.concat([tail, chunk]).subarray(-64);
      peak = Math.max(peak, process.memoryUsage().rss - before);
      // Pausing now and then makes the server run into a full socket.
      if (bytes - last > 16_000_000) {
        last = bytes;
        socket.pause();
        setTimeout(() => socket.resume(), 5);
      }
      if (tail.includes(`SELECT ${ROWS}`)) resolve();
    });
  });
  socket.destroy();
  expect(bytes).toBeGreaterThan(ROWS * 40);
  expect(peak).toBeLessThan(150_000_000);
});
