import { afterEach, describe, expect, it } from 'vitest';
import { SqlError, SqlState } from '../../base/index.ts';
import type { JobStatus } from '../../cluster/index.ts';
import { createHttpServer, type HttpServer, type JobControl, type JobRequest, type SqlService, type StatusSource } from './index.ts';

const job: JobStatus = {
  jobId: 'j1',
  name: 'per "channel"\n\\x',
  kind: 'materialized view' as JobStatus['kind'],
  state: 'RUNNING',
  parallelism: 2,
  wantedParallelism: 2,
  slotSharingGroup: 'default',
  maxParallelism: 128,
  restarts: 1,
  createdAtMicros: 1_700_000_000_000_000n,
  startedAtMicros: 1_700_000_000_500_000n,
  finishedAtMicros: null,
  rowsIn: 12,
  rowsOut: 3,
  bytesIn: 999,
  epochPaceMs: null,
  hasEnough: false,
  error: null,
};

const source = (change: Partial<StatusSource> = {}): StatusSource => ({
  notReadyReason: () => null,
  jobs: () => [job],
  jobGraph: (id) => (id === 'j1' ? { vertices: [] } : null),
  sourcePartitions: () => [
    {
      relation: 'bids',
      partition: '0',
      offset: 7,
      endOffset: 10,
      watermarkMicros: 1_500_000n,
      idle: false,
      lastRowAtMicros: null,
      problem: null,
      oldestOffset: null,
      asOfMicros: 0n,
    },
  ],
  checkpoints: () => [{ id: 5, state: 'complete', trigger: 'interval', startedAtMicros: 0n, durationMs: 12.5, bytes: 100, rows: 2, failure: null }],
  taskManagers: () => [],
  relations: () => [{ schema: 'public', name: 'bids', kind: 'stream', columns: [], statement: 'CREATE STREAM bids ()' }],
  sessions: () => 3,
  metrics: () => [{ name: 'fsql_epoch', help: 'Newest epoch.', type: 'gauge', samples: [{ value: Number.POSITIVE_INFINITY }] }],
  ...change,
});

let server: HttpServer | null = null;
afterEach(() => server?.close());

let asked: { readonly job: string; readonly request: JobRequest }[] = [];
const control: JobControl = {
  run: async (id, request) => {
    asked.push({ job: id, request });
    if (request.action === 'pause')
      throw new SqlError({ code: SqlState.objectNotInPrerequisiteState, message: 'it stands still', hint: 'RESUME it.' });
    return { savepoint: null, notices: [{ severity: 'NOTICE', message: 'done' }] };
  },
};

/** Answers the text `fail early` with an error, `fail late` with one behind a row, everything else with a row. */
const sql: SqlService = {
  isSubscription: (text) => text.startsWith('SUBSCRIBE'),
  run: async function* ({ sql: text }) {
    if (text === 'fail early') throw new SqlError({ code: SqlState.divisionByZero, message: 'division by zero', position: 7 });
    yield { kind: 'done', command: 'SET' };
    yield { kind: 'columns', columns: [{ name: 'a', type: 'integer' }] };
    yield { kind: 'rows', rows: ['{"a":1}', '{"a":2}'] };
    yield { kind: 'notice', severity: 'WARNING', message: 'careful' };
    if (text.endsWith('long')) yield { kind: 'rows', rows: [`{"a":"${'x'.repeat(1_100_000)}"}`] };
    if (text.includes('fail late')) throw new SqlError({ code: SqlState.divisionByZero, message: 'division by zero' });
    yield { kind: 'done', command: 'SELECT 2' };
  },
};

async function start(change: Partial<StatusSource> = {}): Promise<string> {
  asked = [];
  server = await createHttpServer({ host: '127.0.0.1', port: 0, status: source(change), control, sql });
  return `http://127.0.0.1:${(await server.listen()).port}`;
}

const get = async (url: string, headers: Record<string, string> = {}): Promise<{ status: number; body: unknown }> => {
  const response = await fetch(url, { headers });
  return { status: response.status, body: await response.json() };
};

describe('health', () => {
  it('tells alive from ready', async () => {
    let reason: string | null = 'replaying epoch 7';
    const base = await start({ notReadyReason: () => reason });
    expect(await get(`${base}/health/live`)).toEqual({ status: 200, body: { status: 'live' } });
    expect(await get(`${base}/health/ready`)).toEqual({ status: 503, body: { status: 'not ready', reason: 'replaying epoch 7' } });
    reason = null;
    expect((await get(`${base}/health/ready`)).status).toBe(200);
  });
});

describe('status', () => {
  it('shows jobs, one job, its graph', async () => {
    const base = await start();
    expect(await get(`${base}/api/v1/jobs/j1`)).toMatchObject({
      body: { name: job.name, state: 'RUNNING', created_at: '2023-11-14T22:13:20.000Z', finished_at: null },
    });
    expect(await get(`${base}/api/v1/jobs`)).toMatchObject({ body: { jobs: [{ job_id: 'j1' }] } });
    expect(await get(`${base}/api/v1/jobs/j1/graph`)).toMatchObject({ body: { vertices: [] } });
    expect(await get(`${base}/api/v1/jobs/x`)).toEqual({
      status: 404,
      body: { error: { sqlstate: '42704', message: 'job "x" does not exist', detail: null, hint: 'GET /api/v1/jobs lists them.' } },
    });
  });

  it.each(['checkpoints', 'task-managers', 'relations'])('shows %s', async (what) => {
    const base = await start();
    expect((await get(`${base}/api/v1/${what}`)).status).toBe(200);
  });

  it('answers in JSON where there is nothing', async () => {
    expect((await get(`${await start()}/nothing`)).body).toMatchObject({ error: { sqlstate: '42704' } });
  });
});

describe('control of jobs', () => {
  const send = async (
    url: string,
    { method = 'POST', body = '{}', ...headers }: { readonly method?: string; readonly body?: string } & Record<string, string> = {},
  ): Promise<{ status: number; body: unknown }> => {
    const response = await fetch(url, { method, body, headers: { 'content-type': 'application/json', ...headers } });
    return { status: response.status, body: await response.json() };
  };

  it('hands on what is asked, of a job by its id or its name, and shows the job afterwards', async () => {
    const base = await start({ jobs: () => [{ ...job, name: 'per shop' }] });
    expect(await send(`${base}/api/v1/jobs/j1/checkpoint`)).toMatchObject({
      status: 200,
      body: { job: { job_id: 'j1', state: 'RUNNING' }, savepoint: null, notices: [{ message: 'done' }] },
    });
    await send(`${base}/api/v1/jobs/per%20shop/savepoint`, { body: '{"directory": "/backups/a"}' });
    await send(`${base}/api/v1/jobs/j1/resume`, { body: '' });
    await send(`${base}/api/v1/jobs/j1/stop`, { body: '{"savepoint": "b"}' });
    await send(`${base}/api/v1/jobs/j1/stop`);
    await send(`${base}/api/v1/jobs/j1/stop`, { body: '{"drain": true}' });
    await send(`${base}/api/v1/jobs/j1`, { method: 'PATCH', body: '{"parallelism": 3}' });
    await send(`${base}/api/v1/jobs/j1`, { method: 'PATCH', body: '{"parallelism": null}' });
    expect(asked.map(({ request }) => request)).toEqual([
      { action: 'checkpoint' },
      { action: 'savepoint', directory: '/backups/a' },
      { action: 'resume' },
      { action: 'stop', savepoint: 'b', drain: false },
      { action: 'stop', savepoint: null, drain: false },
      { action: 'stop', savepoint: null, drain: true },
      { action: 'rescale', parallelism: 3 },
      { action: 'rescale', parallelism: null },
    ]);
    expect(asked.every((one) => one.job === 'j1')).toBe(true);
  });

  it('answers errors with their SQLSTATE', async () => {
    const base = await start();
    expect(await send(`${base}/api/v1/jobs/j1/pause`)).toEqual({
      status: 409,
      body: { error: { sqlstate: '55000', message: 'it stands still', detail: null, hint: 'RESUME it.' } },
    });
    expect((await send(`${base}/api/v1/jobs/x/pause`)).status).toBe(404);
    expect(asked.length).toBe(1);
  });

  it('two jobs of one name have to be told apart', async () => {
    const base = await start({
      jobs: () => [
        { ...job, name: 'v' },
        { ...job, jobId: 'j2', name: 'v' },
      ],
    });
    expect(await send(`${base}/api/v1/jobs/v/pause`)).toMatchObject({
      status: 400,
      body: { error: { sqlstate: '22023', hint: 'Use an id: j1, j2.' } },
    });
  });

  it.each([
    ['/api/v1/jobs/j1/pause', 'POST', '{"force": true}', '"force" is not a field of pause'],
    ['/api/v1/jobs/j1/savepoint', 'POST', '{"directory": 5}', '"directory" must be the name of a directory'],
    ['/api/v1/jobs/j1/savepoint', 'POST', '{}', '"directory" must be the name of a directory'],
    ['/api/v1/jobs/j1/savepoint', 'POST', '[]', 'the body must be a JSON object'],
    ['/api/v1/jobs/j1/savepoint', 'POST', '{', 'the body is no JSON'],
    ['/api/v1/jobs/j1', 'PATCH', '{"parallelism": "4"}', '"parallelism" must be a positive integer'],
    ['/api/v1/jobs/j1', 'PATCH', '{}', '"parallelism" must be a positive integer'],
  ])('%s refuses %s %s', async (path, method, body, message) => {
    const base = await start();
    const answer = await send(base + path, { method, body });
    expect(answer).toMatchObject({ status: 400, body: { error: { sqlstate: '22023', message: expect.stringContaining(message) } } });
    expect(asked).toEqual([]);
  });

  it('is not for pages of other origins, whatever they send', async () => {
    const base = await start();
    const pause = `${base}/api/v1/jobs/j1/checkpoint`;
    expect((await send(pause, { origin: 'http://evil.example' })).status).toBe(403);
    expect((await send(pause, { origin: 'http://localhost:8080' })).status).toBe(403);
    expect((await send(pause, { origin: 'null' })).status).toBe(403);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      expect(await send(pause, { 'content-type': type })).toMatchObject({ status: 415, body: { error: { sqlstate: '22023' } } });
    }
    const preflight = await fetch(pause, { method: 'OPTIONS', headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' } });
    expect(preflight.ok).toBe(false);
    expect([...preflight.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(asked).toEqual([]);
    expect((await send(pause, { origin: base })).status).toBe(200);
  });
});

describe('metrics', () => {
  it('are text that a Prometheus parser reads', async () => {
    const response = await fetch(`${await start()}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const samples = parseExposition(await response.text());
    expect(samples.get('fsql_job_rows_in_total')).toEqual([{ labels: { job: job.name, kind: job.kind }, value: 12 }]);
    expect(samples.get('fsql_source_lag_rows')).toEqual([{ labels: { relation: 'bids', partition: '0' }, value: 3 }]);
    expect(samples.get('fsql_sessions')).toEqual([{ labels: {}, value: 3 }]);
    expect(samples.get('fsql_epoch')).toEqual([{ labels: {}, value: Number.POSITIVE_INFINITY }]);
    expect(samples.get('fsql_checkpoint_last_duration_seconds')).toEqual([{ labels: {}, value: 0.0125 }]);
    for (const name of samples.keys()) expect(name).toMatch(/^fsql_/);
  });
});

describe('statements', () => {
  const ask = async (body: unknown, headers: Record<string, string> = {}): Promise<{ status: number; type: string | null; text: string }> => {
    const response = await fetch(`${await start()}/api/v1/sql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    await server?.close();
    return { status: response.status, type: response.headers.get('content-type'), text };
  };

  it('are answered with a document of their results', async () => {
    const { status, type, text } = await ask({ sql: 'SELECT' });
    expect({ status, type }).toEqual({ status: 200, type: 'application/json; charset=utf-8' });
    expect(JSON.parse(text)).toEqual({
      results: [{ command: 'SET' }, { columns: [{ name: 'a', type: 'integer' }], rows: [{ a: 1 }, { a: 2 }], command: 'SELECT 2' }],
      notices: [{ severity: 'WARNING', message: 'careful' }],
    });
  });

  it('are answered a row a line for a subscription, and for who wants that', async () => {
    for (const asked of [await ask({ sql: 'SUBSCRIBE v' }), await ask({ sql: 'SELECT' }, { accept: 'application/x-ndjson' })]) {
      expect(asked).toEqual({ status: 200, type: 'application/x-ndjson', text: '{"a":1}\n{"a":2}\n' });
    }
  });

  it('fail with a status, as long as none has been sent', async () => {
    const early = await ask({ sql: 'fail early' });
    expect(early.status).toBe(400);
    expect(JSON.parse(early.text)).toEqual({ error: { sqlstate: '22012', message: 'division by zero', detail: null, hint: null, position: 8 } });
    expect((await ask({ sql: 'fail late' })).status).toBe(400);
  });

  it('fail at the end of an answer that has begun', async () => {
    const long = await ask({ sql: 'fail late long' });
    expect(long.status).toBe(200);
    expect(JSON.parse(long.text)).toMatchObject({ results: [{}, { rows: [{ a: 1 }, { a: 2 }, {}] }], error: { sqlstate: '22012' } });
    const line = await ask({ sql: 'SUBSCRIBE fail late' });
    expect(line.text.split('\n').map((text) => (text === '' ? null : JSON.parse(text)))).toEqual([
      { a: 1 },
      { a: 2 },
      { error: { sqlstate: '22012', message: 'division by zero', detail: null, hint: null } },
      null,
    ]);
  });

  it('of another form are refused', async () => {
    for (const body of [[], { sql: 1 }, {}, { sql: 'x', params: 1 }, { sql: 'x', more: 1 }]) {
      const { status, text } = await ask(body);
      expect(status).toBe(400);
      expect(JSON.parse(text)).toMatchObject({ error: { sqlstate: '22023', hint: expect.stringContaining('"params"') } });
    }
    expect((await ask({ sql: 'SELECT' }, { origin: 'http://evil.example' })).status).toBe(403);
  });
});

describe('who may ask', () => {
  it('is nobody from elsewhere', async () => {
    await expect(createHttpServer({ host: '0.0.0.0', port: 0, status: source(), control, sql })).rejects.toMatchObject({ code: 'F0000' });
  });

  it('is no page that reached us by another name', async () => {
    const { request } = await import('node:http');
    const url = new URL(`${await start()}/api/v1/jobs`);
    const status = await new Promise((resolve) => {
      request({ host: '127.0.0.1', port: url.port, path: url.pathname, headers: { host: 'evil.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end();
    });
    expect(status).toBe(403);
  });
});

interface Sample {
  readonly labels: Record<string, string>;
  readonly value: number;
}

/** The text format by its grammar: HELP and TYPE before the samples of a name, each name in one group, counters ending in _total. */
function parseExposition(text: string): Map<string, Sample[]> {
  const samples = new Map<string, Sample[]>();
  let current = '';
  expect(text.endsWith('\n')).toBe(true);
  for (const line of text.slice(0, -1).split('\n')) {
    const meta = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line);
    if (meta !== null) {
      if (meta[1] === 'HELP') {
        expect(samples.has(meta[2]!), `${meta[2]} twice`).toBe(false);
        current = meta[2]!;
        samples.set(current, []);
      } else if (meta[3] === 'counter') {
        expect(meta[2]).toMatch(/_total$/);
      }
      continue;
    }
    const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)$/.exec(line);
    expect(match, line).not.toBeNull();
    expect(match![1]).toBe(current);
    const labels: Record<string, string> = {};
    for (const [, name, value] of (match![2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
      labels[name!] = value!.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
    }
    const value = match![3] === '+Inf' ? Number.POSITIVE_INFINITY : Number(match![3]);
    expect(value, line).not.toBeNaN();
    samples.get(current)!.push({ labels, value });
  }
  return samples;
}
