import { serialize } from 'pg-protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { SqlError, SqlState } from '../../base/index.ts';
import { int4Type, int8Type } from '../../types/index.ts';
import { createPgServer, type PgServer } from './index.ts';
import {
  copyIn,
  type FakeFactory,
  fakeFactory,
  field,
  ManualClock,
  type Scripts,
  selects,
  textCopyFormat,
  WireClient,
  type WireMessage,
} from './test/index.ts';

const copy = copyIn([field('id', int4Type), field('name')], textCopyFormat);

const scripts: Scripts = {
  'select 1': selects([field('?column?', int4Type)], [[1]]),
  'select n': selects(
    [field('n', int8Type), field('t')],
    [
      [1n, 'a'],
      [2n, null],
      [3n, 'c'],
    ],
  ),
  'select weighted': selects([field('n', int4Type)], [[7], [8]], [3, 1]),
  'select $1': {
    parameterTypes: [int4Type],
    fields: [field('v', int4Type)],
    run: (_, parameters) => {
      const statement = selects([field('v', int4Type)], [[parameters[0]!]]);
      return statement.run(null as never, []);
    },
  },
  'create table t': { run: () => ({ kind: 'command', tag: 'CREATE TABLE' }) },
  begin: {
    run: (session) => {
      session.transactionStatus = 'T';
      return { kind: 'command', tag: 'BEGIN' };
    },
  },
  fail: {
    run: () => {
      throw new SqlError({
        code: SqlState.undefinedColumn,
        message: 'column "prise" does not exist',
        detail: 'd',
        hint: 'Perhaps you meant "price".',
        position: 3,
        schema: 'public',
        table: 't',
        column: 'prise',
        dataType: 'int4',
        constraint: 'k',
        where: 'somewhere',
      });
    },
  },
  wait: { run: (session) => session.untilCancelled() },
  'copy bids from stdin': { run: () => copy },
  notice: {
    run: (session) => {
      session.startup.observer.notice({ severity: 'NOTICE', code: '00000', message: 'careful' });
      session.startup.observer.parameterChanged('TimeZone', 'Asia/Tokyo');
      return { kind: 'command', tag: 'DO' };
    },
  },
};

let servers: PgServer[] = [];
let clients: WireClient[] = [];
afterEach(async () => {
  for (const client of clients) client.end();
  await Promise.all(servers.map((server) => server.close(0)));
  servers = [];
  clients = [];
});

interface Running {
  readonly port: number;
  readonly clock: ManualClock;
  readonly factory: FakeFactory;
  readonly server: PgServer;
}

async function start(options: { connectionsMax?: number } = {}): Promise<Running> {
  const clock = new ManualClock();
  const factory = fakeFactory(scripts);
  const server = createPgServer({ host: '127.0.0.1', port: 0, sessions: factory, clock, ...options });
  servers.push(server);
  const { port } = await server.listen();
  return { port, clock, factory, server };
}

async function connected(running: Running): Promise<{ client: WireClient; greeting: WireMessage[] }> {
  const client = await raw(running);
  client.send(serialize.startup({ user: 'fsql', database: 'fsql' }));
  return { client, greeting: await client.until('readyForQuery') };
}

async function raw(running: Running): Promise<WireClient> {
  const client = await WireClient.open(running);
  clients.push(client);
  return client;
}

const names = (messages: readonly WireMessage[]): string[] => messages.map((message) => message.name);

describe('start-up', () => {
  it('answers SSL and GSS requests with N, then greets', async () => {
    const client = await raw(await start());
    const answers: number[] = [];
    const bytes = Buffer.concat([serialize.requestSsl(), Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30])]);
    client.socket.removeAllListeners('data');
    client.socket.on('data', (chunk) => answers.push(...chunk));
    client.send(bytes);
    while (answers.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(String.fromCharCode(...answers)).toBe('NN');
  });

  it('reports parameters, a cancel key and readiness', async () => {
    const { greeting } = await connected(await start());
    expect(names(greeting)[0]).toBe('authenticationOk');
    const parameters = Object.fromEntries(greeting.filter((m) => m.name === 'parameterStatus').map((m) => [m['parameterName'], m['parameterValue']]));
    expect(parameters).toMatchObject({
      server_encoding: 'UTF8',
      client_encoding: 'UTF8',
      server_version: '18.0',
      integer_datetimes: 'on',
      in_hot_standby: 'off',
    });
    expect(greeting.some((m) => m.name === 'backendKeyData')).toBe(true);
    expect(greeting.at(-1)).toMatchObject({ name: 'readyForQuery', status: 'I' });
  });

  it('negotiates 3.2 and unknown protocol options down to 3.0', async () => {
    const client = await raw(await start());
    const received: Buffer[] = [];
    client.socket.removeAllListeners('data');
    client.socket.on('data', (chunk) => received.push(chunk));
    const packet = Buffer.from('____\0\x03\0\x02user\0fsql\0_pq_.wished\0x\0\0');
    packet.writeInt32BE(packet.length);
    client.send(packet);
    while (Buffer.concat(received).length < 40) await new Promise((resolve) => setTimeout(resolve, 1));
    const answer = Buffer.concat(received);
    expect(answer[0]).toBe('v'.charCodeAt(0));
    expect(answer.readInt32BE(5)).toBe(196608);
    expect(answer.readInt32BE(9)).toBe(1);
    expect(answer.subarray(13, 25).toString()).toBe('_pq_.wished\0');
  });

  it.each([
    ['another protocol', Buffer.from([0, 0, 0, 9, 0, 2, 0, 0, 0]), '0A000'],
    ['no user', Buffer.from([0, 0, 0, 9, 0, 3, 0, 0, 0]), '28000'],
    ['a huge length', Buffer.from([0x40, 0, 0, 0, 0, 3, 0, 0, 0]), '08P01'],
    ['a missing terminator', Buffer.from([0, 0, 0, 12, 0, 3, 0, 0, 65, 0, 66, 67]), '08P01'],
    ['an unknown database', serialize.startup({ user: 'fsql', database: 'missing' }), '3D000'],
    ['replication', serialize.startup({ user: 'fsql', replication: 'database' }), '0A000'],
  ])('refuses %s', async (_, packet, code) => {
    const client = await raw(await start());
    client.send(packet);
    expect((await client.untilClosed()).at(-1)).toMatchObject({ name: 'error', severity: 'FATAL', code });
  });

  it('breaks a connection that says nothing for 10 seconds', async () => {
    const running = await start();
    const client = await raw(running);
    client.send(Buffer.from([0, 0]));
    await new Promise((resolve) => setTimeout(resolve, 20));
    running.clock.advance(10_001);
    expect(await client.untilClosed()).toEqual([]);
  });

  it('passes settings of the packet and of options to the session', async () => {
    const running = await start();
    const client = await raw(running);
    client.send(serialize.startup({ user: 'u', database: 'd', application_name: 'app', options: '-c search_path=a\\ b --statement-timeout=5s' }));
    await client.until('readyForQuery');
    const { startup } = running.factory.sessions[0]!;
    expect([startup.user, startup.database]).toEqual(['u', 'd']);
    expect(Object.fromEntries(startup.settings)).toMatchObject({ application_name: 'app', search_path: 'a b', statement_timeout: '5s' });
  });

  it('refuses the session after the last allowed one with 53300 and takes cancel requests still', async () => {
    const running = await start({ connectionsMax: 1 });
    await connected(running);
    const client = await raw(running);
    client.send(serialize.startup({ user: 'fsql' }));
    expect((await client.untilClosed()).at(-1)).toMatchObject({ severity: 'FATAL', code: '53300', message: 'sorry, too many clients already' });
  });
});

describe('simple protocol', () => {
  it('runs several statements and stops at the error, with every field and the position in characters', async () => {
    const { client } = await connected(await start());
    client.send(serialize.query('select 1; fail; select n'));
    const messages = await client.until('readyForQuery');
    expect(names(messages)).toEqual(['rowDescription', 'dataRow', 'commandComplete', 'error', 'readyForQuery']);
    expect(messages[3]).toMatchObject({
      severity: 'ERROR',
      code: '42703',
      message: 'column "prise" does not exist',
      detail: 'd',
      hint: 'Perhaps you meant "price".',
      position: '4',
      where: 'somewhere',
      schema: 'public',
      table: 't',
      column: 'prise',
      dataType: 'int4',
      constraint: 'k',
    });
  });

  it('repeats rows by weight and counts them', async () => {
    const { client } = await connected(await start());
    client.send(serialize.query('select weighted'));
    const messages = await client.until('readyForQuery');
    expect(messages.filter((m) => m.name === 'dataRow').map((m) => m['fields'])).toEqual([['7'], ['7'], ['7'], ['8']]);
    expect(messages.at(-2)).toMatchObject({ text: 'SELECT 4' });
  });

  it('answers an empty text, notices and parameter changes', async () => {
    const { client } = await connected(await start());
    client.send(serialize.query(' ;; '), serialize.query('notice'));
    expect(names(await client.until('readyForQuery'))).toEqual(['emptyQuery', 'readyForQuery']);
    expect(names(await client.until('readyForQuery'))).toEqual(['notice', 'parameterStatus', 'commandComplete', 'readyForQuery']);
  });

  it('reports text that is not UTF-8 and goes on', async () => {
    const { client } = await connected(await start());
    client.send(Buffer.from([0x51, 0, 0, 0, 8, 0x73, 0xc3, 0x28, 0]), serialize.query('select 1'));
    expect((await client.until('readyForQuery'))[0]).toMatchObject({
      code: '22021',
      message: 'invalid byte sequence for encoding "UTF8": 0xc3 0x28',
    });
    expect(names(await client.until('readyForQuery'))).toContain('dataRow');
  });

  it('marks an open transaction as failed', async () => {
    const { client } = await connected(await start());
    client.send(serialize.query('begin'), serialize.query('fail'));
    expect((await client.until('readyForQuery')).at(-1)).toMatchObject({ status: 'T' });
    expect((await client.until('readyForQuery')).at(-1)).toMatchObject({ status: 'E' });
  });
});

describe('extended protocol', () => {
  it('parses, binds, describes and executes in one flight', async () => {
    const { client } = await connected(await start());
    client.send(
      serialize.parse({ name: 's', text: 'select $1', types: [0] }),
      serialize.describe({ type: 'S', name: 's' }),
      serialize.bind({ statement: 's', portal: 'p', values: ['42'] }),
      serialize.describe({ type: 'P', name: 'p' }),
      serialize.execute({ portal: 'p' }),
      serialize.close({ type: 'P', name: 'p' }),
      serialize.close({ type: 'S', name: 's' }),
      serialize.sync(),
    );
    const messages = await client.until('readyForQuery');
    expect(names(messages)).toEqual([
      'parseComplete',
      'parameterDescription',
      'rowDescription',
      'bindComplete',
      'rowDescription',
      'dataRow',
      'commandComplete',
      'closeComplete',
      'closeComplete',
      'readyForQuery',
    ]);
    expect(messages[5]).toMatchObject({ fields: ['42'] });
  });

  it('suspends a portal at its row limit and goes on from there', async () => {
    const { client } = await connected(await start());
    client.send(serialize.query('begin'));
    await client.until('readyForQuery');
    client.send(
      serialize.parse({ text: 'select n' }),
      serialize.bind({ portal: 'p' }),
      serialize.execute({ portal: 'p', rows: 2 }),
      serialize.flush(),
    );
    expect(names(await client.until('portalSuspended'))).toEqual(['parseComplete', 'bindComplete', 'dataRow', 'dataRow', 'portalSuspended']);
    client.send(serialize.execute({ portal: 'p', rows: 2 }), serialize.sync());
    const messages = await client.until('readyForQuery');
    expect(names(messages)).toEqual(['dataRow', 'commandComplete', 'readyForQuery']);
    expect(messages[1]).toMatchObject({ text: 'SELECT 1' });
  });

  it('skips everything after an error up to Sync, pipelined syncs being borders', async () => {
    const running = await start();
    const { client } = await connected(running);
    client.send(
      serialize.parse({ text: 'nonsense' }),
      serialize.bind({}),
      serialize.execute({}),
      serialize.query('select 1'),
      serialize.sync(),
      serialize.parse({ text: 'select 1' }),
      serialize.bind({}),
      serialize.execute({}),
      serialize.sync(),
    );
    expect(names(await client.until('readyForQuery'))).toEqual(['error', 'readyForQuery']);
    expect(names(await client.until('readyForQuery'))).toEqual(['parseComplete', 'bindComplete', 'dataRow', 'commandComplete', 'readyForQuery']);
    expect(running.factory.sessions[0]!.log).toEqual(['failed 42601', 'sync', 'sync']);
  });

  it.each([
    ['an unknown portal', [serialize.execute({ portal: 'x' })], '34000'],
    ['an unknown statement', [serialize.bind({ statement: 'x' })], '26000'],
    ['a wrong number of parameters', [serialize.parse({ text: 'select $1' }), serialize.bind({ values: [] })], '08P01'],
    ['a parameter that is no number', [serialize.parse({ text: 'select $1' }), serialize.bind({ values: ['x'] })], '22P02'],
    ['an unknown parameter type', [serialize.parse({ text: 'select $1', types: [999_999] })], '42704'],
    ['broken insides', [Buffer.from([0x42, 0, 0, 0, 6, 0x41, 0x42])], '08P01'],
    ['a wrong describe target', [Buffer.from([0x44, 0, 0, 0, 6, 0x41, 0])], '08P01'],
  ])('reports %s', async (_, parts, code) => {
    const { client } = await connected(await start());
    client.send(...parts, serialize.sync());
    const messages = await client.until('readyForQuery');
    expect(messages.find((message) => message.name === 'error')).toMatchObject({ severity: 'ERROR', code });
  });

  it('answers NoData for a statement without rows and EmptyQuery for an empty text', async () => {
    const { client } = await connected(await start());
    client.send(serialize.parse({ text: 'create table t' }), serialize.describe({ type: 'S' }), serialize.bind({}), serialize.execute({}));
    client.send(serialize.parse({ text: '' }), serialize.bind({}), serialize.execute({}), serialize.sync());
    const messages = names(await client.until('readyForQuery'));
    expect(messages).toContain('noData');
    expect(messages.slice(-2)).toEqual(['emptyQuery', 'readyForQuery']);
  });
});

describe('COPY FROM STDIN', () => {
  it('reads lines that arrive in pieces', async () => {
    const { client } = await connected(await start());
    client.send(serialize.query('copy bids from stdin'));
    await client.until('copyInResponse');
    const bytes = Buffer.from('1\tone\n2\t\\N\n3\tth\\tree\n');
    for (const byte of bytes) client.send(serialize.copyData(Buffer.from([byte])));
    client.send(serialize.copyDone());
    expect((await client.until('readyForQuery'))[0]).toMatchObject({ name: 'commandComplete', text: 'COPY 3' });
    expect(copy.outcome).toBe('finished');
  });

  it('reports the line and the column of a bad value and ignores the rest of the copy', async () => {
    const { client } = await connected(await start());
    client.send(serialize.query('copy bids from stdin'));
    await client.until('copyInResponse');
    client.send(serialize.copyData(Buffer.from('1\tone\nx\ttwo\n')), serialize.copyData(Buffer.from('3\tthree\n')), serialize.copyDone());
    expect((await client.until('readyForQuery'))[0]).toMatchObject({ code: '22P02', where: 'COPY bids, line 2, column id: "x"' });
    expect(copy.outcome).toBe('aborted 22P02');
    client.send(serialize.query('select 1'));
    expect(names(await client.until('readyForQuery'))).toContain('dataRow');
  });

  it('ends with 57014 on CopyFail', async () => {
    const { client } = await connected(await start());
    client.send(serialize.query('copy bids from stdin'));
    await client.until('copyInResponse');
    client.send(serialize.copyFail('no more'));
    expect((await client.until('readyForQuery'))[0]).toMatchObject({ code: '57014', message: 'COPY from stdin failed: no more' });
  });
});

describe('ends', () => {
  it('cancels by key from a second connection, and only by the right key', async () => {
    const running = await start();
    const { client, greeting } = await connected(running);
    const key = greeting.find((message) => message.name === 'backendKeyData')! as unknown as { processID: number; secretKey: number };
    client.send(serialize.query('wait'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const wrong = await raw(running);
    wrong.send(serialize.cancel(key.processID, key.secretKey ^ 1));
    await wrong.untilClosed();
    expect(client.messages).toEqual([]);
    const canceller = await raw(running);
    canceller.send(serialize.cancel(key.processID, key.secretKey));
    expect((await client.until('readyForQuery'))[0]).toMatchObject({ code: '57014', message: 'canceling statement due to user request' });
    expect(await canceller.untilClosed()).toEqual([]);
  });

  it('keeps statement_timeout for each statement', async () => {
    const running = await start();
    const { client } = await connected(running);
    running.factory.sessions[0]!.limits = { statementMs: 100, idleInTransactionMs: 0, idleSessionMs: 0 };
    client.send(serialize.query('select 1; wait'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    running.clock.advance(101);
    expect((await client.until('readyForQuery')).at(-2)).toMatchObject({ code: '57014', message: 'canceling statement due to statement timeout' });
  });

  it('ends a session that idles in a transaction', async () => {
    const running = await start();
    const { client } = await connected(running);
    running.factory.sessions[0]!.limits = { statementMs: 0, idleInTransactionMs: 50, idleSessionMs: 0 };
    client.send(serialize.query('begin'));
    await client.until('readyForQuery');
    running.clock.advance(51);
    expect((await client.untilClosed()).at(-1)).toMatchObject({ severity: 'FATAL', code: '25P03' });
    expect(running.factory.sessions[0]!.log).toContain('close');
  });

  it('tells everybody on shutdown, busy or idle', async () => {
    const running = await start();
    const idle = await connected(running);
    const busy = await connected(running);
    busy.client.send(serialize.query('wait'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await running.server.close();
    for (const { client } of [idle, busy]) {
      expect((await client.untilClosed()).at(-1)).toMatchObject({ severity: 'FATAL', code: '57P01' });
    }
    expect(running.factory.sessions.map((session) => session.log.at(-1))).toEqual(['close', 'close']);
  });

  it('closes the session when the client breaks off in a statement', async () => {
    const running = await start();
    const { client } = await connected(running);
    client.send(serialize.query('wait'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    client.end();
    await new Promise((resolve) => setTimeout(resolve, 20));
    running.clock.advance(1001);
    const { log } = running.factory.sessions[0]!;
    while (log.at(-1) !== 'close') await new Promise((resolve) => setTimeout(resolve, 1));
    expect(log).toEqual(['failed 08006', 'close']);
  });

  it('ends the connection at a length nobody can mean', async () => {
    const { client } = await connected(await start());
    client.send(Buffer.from([0x51, 0x40, 0, 0, 0]));
    expect((await client.untilClosed()).at(-1)).toMatchObject({ severity: 'FATAL', code: '08P01' });
  });

  it('shows sessions as pg_stat_activity needs them', async () => {
    const running = await start();
    const { client } = await connected(running);
    client.send(serialize.query('select 1'));
    await client.until('readyForQuery');
    expect(running.server.activity()).toMatchObject([{ user: 'fsql', database: 'fsql', state: 'idle', query: 'select 1' }]);
  });

  it('refuses to listen on an address that others reach', async () => {
    const server = createPgServer({ host: '0.0.0.0', port: 0, sessions: fakeFactory({}), clock: new ManualClock() });
    await expect(server.listen()).rejects.toMatchObject({ code: 'F0000', hint: expect.stringContaining('127.0.0.1') });
  });

  it('says what to do about a port in use', async () => {
    const { port } = await start();
    const server = createPgServer({ host: '127.0.0.1', port, sessions: fakeFactory({}), clock: new ManualClock() });
    await expect(server.listen()).rejects.toMatchObject({
      message: expect.stringContaining('the port is in use'),
      hint: expect.stringContaining('--port'),
    });
  });
});

it('describes fields with oids and modifiers', async () => {
  const { client } = await connected(await start());
  client.send(serialize.query('select n'));
  const [description] = await client.until('rowDescription');
  expect(description!['fields']).toMatchObject([
    { name: 'n', dataTypeID: 20, dataTypeSize: 8 },
    { name: 't', dataTypeID: 25, dataTypeSize: -1 },
  ]);
});
