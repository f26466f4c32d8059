import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reasonToSkipKafkaTests } from '../kafka/index.ts';
import { bidModel } from './bid-model.ts';
import { bidStatements, createPerChannel, createTops, createTotal } from './bid-statements.ts';
import { eventually } from './eventually.ts';
import { KafkaFixture } from './kafka-fixture.ts';
import { runPsql } from './run-psql.ts';
import { ServerProcess } from './server-process.ts';

const skip = await reasonToSkipKafkaTests();

describe.skipIf(skip !== undefined)('typed into psql', { timeout: 60_000 }, () => {
  let kafka: KafkaFixture;
  let server: ServerProcess;
  const model = bidModel();

  beforeAll(async () => {
    kafka = await KafkaFixture.start();
    await kafka.createTopic('bids');
    await kafka.createTopic('tops', 1);
    for (let i = 0; i < 4; i++) await kafka.produce('bids', model.next(500));
    server = await ServerProcess.start();
  }, 120_000);
  afterAll(async () => {
    await server?.dispose();
    await kafka?.stop();
  });

  /** What psql prints; an error of the server fails the test. */
  async function psql(input: string, args: readonly string[] = []): Promise<string> {
    const { code, stdout, stderr } = await runPsql({ port: server.port, input, args: ['-v', 'ON_ERROR_STOP=1', ...args] });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    return stdout;
  }

  test('the definitions', async () => {
    const output = await psql(bidStatements({ servers: kafka.servers, topic: 'bids', sinkTopic: 'tops' }).join('\n'));
    expect(output.split('\n').slice(0, -1)).toEqual([
      'CREATE STREAM',
      'CREATE MATERIALIZED VIEW',
      'CREATE MATERIALIZED VIEW',
      'CREATE MATERIALIZED VIEW',
      'CREATE SINK',
    ]);
  });

  test('reads', async () => {
    const sums = [...model.perChannel().values()].reduce(([n, total], [count, sum]) => [n + count, total + sum], [0, 0] as readonly [number, number]);
    // What has been there before the view is in it when CREATE returns.
    expect(await psql('SELECT * FROM total;')).toMatch(new RegExp(`^ +n +\\| +total +\\n-+\\+-+\\n +${sums[0]} \\| ${sums[1]}\\n\\(1 row\\)\\n\\n$`));
    const top = [...model.windows()]
      .filter(([, [count]]) => count > 3)
      .map(([key, [count, highest]]) => ({ auction: Number(key.split('|')[0]), count, highest }))
      .sort((a, b) => b.highest - a.highest || a.auction - b.auction)
      .slice(0, 10);
    const rows = await psql('SELECT * FROM per_auction WHERE bids > 3 ORDER BY top DESC, auction LIMIT 10;', ['-At']);
    const read = rows
      .trim()
      .split('\n')
      .map((line) => line.split('|'));
    expect(read.map((row) => ({ auction: Number(row[0]), count: Number(row[3]), highest: Number(row[4]) }))).toEqual(top);
    expect(read[0]![1]).toMatch(/^2024-01-01 00:\d\d:\d0$/);
    expect(await psql('SELECT count(*), sum(cents) = 100 * sum(price), min(off), max(part) FROM bids;', ['-At'])).toBe(`${model.bids}|t|0|1\n`);
  });

  test('COPY (SUBSCRIBE …) TO STDOUT until Ctrl-C, while a bare SUBSCRIBE streams to a driver', async () => {
    const copying = runPsql({
      port: server.port,
      args: ['-c', 'COPY (SUBSCRIBE total WITH (SNAPSHOT, PROGRESS)) TO STDOUT'],
      interruptAfterMs: 4_000,
    });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await kafka.produce('bids', model.next(200));
    const { stdout, stderr } = await copying;
    expect(stderr).toMatch(/canceling statement due to user request/);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(lines[0]!.slice(1, 3)).toEqual(['f', '1']);
    expect(lines[1]!.slice(1)).toEqual(['t', '\\N', '\\N', '\\N']);
    expect(lines.some((line) => line[2] === '-1')).toBe(true);
  });

  test('EXPLAIN in its forms; the sink says what it promises', async () => {
    const query = 'SELECT auction, count(*) FROM bids WHERE price > 100 GROUP BY auction;';
    expect(await psql(`EXPLAIN ${query}`)).toMatch(/Aggregate[\s\S]*bids/);
    expect(await psql(`EXPLAIN (CODEGEN) ${query}`)).toMatch(/for \(/);
    expect(await psql(`EXPLAIN JOBGRAPH ${query}`)).toMatch(/v1 x \d[\s\S]*<- v0 hash/);
    const sink = createTops({ servers: kafka.servers, topic: 'bids', sinkTopic: 'tops' });
    expect(await psql(`EXPLAIN ${sink.replace('SINK tops', 'SINK other')}`)).toMatch(/at.least.once/i);
  });

  test('SHOW JOBS, source partitions, late and bad rows', async () => {
    await eventually(
      'all read',
      () => server.value('SELECT sum(bids) FROM per_auction'),
      (sum) => Number(sum) === model.bids,
    );
    const jobs = (await psql('SHOW JOBS;', ['-At']))
      .trim()
      .split('\n')
      .map((line) => line.split('|'));
    expect(jobs.map((row) => [row[0], row[2], row[3]])).toEqual([
      ['bids', 'source', 'RUNNING'],
      ['per_auction', 'view', 'RUNNING'],
      ['per_channel', 'view', 'RUNNING'],
      ['total', 'view', 'RUNNING'],
      ['tops', 'sink', 'RUNNING'],
    ]);
    expect(await psql('SELECT relation, partition, "offset", lag FROM fsql_catalog.source_partitions ORDER BY 2;', ['-At'])).toBe(
      'bids|0|1100|0\nbids|1|1100|0\n',
    );
    expect((await psql("SELECT * FROM late_rows('bids');", ['-At'])).trim().split('\n').length).toBe(model.late);
    expect((await psql("SELECT * FROM bad_rows('bids');", ['-At'])).trim().split('\n').length).toBe(model.bad);
  });

  test('a stored table, read your own write, and a view that joins it to the stream', async () => {
    const output = await psql(
      `CREATE TABLE t (id INT PRIMARY KEY, v NUMERIC(10,2), at TIMESTAMPTZ);
       CREATE MATERIALIZED VIEW joined AS SELECT t.v, count(*) AS n FROM bids JOIN t ON bids.auction = t.id GROUP BY t.v;
       INSERT INTO t VALUES (1, 9.5, '2024-01-01 00:00:00+00'), (2, 1, now());
       SELECT id, v FROM t ORDER BY id;
       SELECT v FROM joined ORDER BY v;
       UPDATE t SET v = v * 2 WHERE id = 1;
       DELETE FROM t WHERE id = 2;
       SELECT v FROM joined;`,
      ['-At'],
    );
    expect(output.trim().split('\n')).toEqual([
      'CREATE TABLE',
      'CREATE MATERIALIZED VIEW',
      'INSERT 0 2',
      '1|9.50',
      '2|1.00',
      '1.00',
      '9.50',
      'UPDATE 1',
      'DELETE 1',
      '19.00',
    ]);
  });

  test('the sink has written every closed window', async () => {
    await eventually(
      'closed windows',
      async () => new Set((await kafka.readAll('tops')).map(({ value }) => value)).size,
      (count) => count >= model.closedWindows().size,
    );
    const rows = (await kafka.readAll('tops')).map(({ value }) => JSON.parse(value!) as { auction: number; window_end: string; top: number });
    const found = rows.map((row) => [`${row.auction}|${Date.parse(`${row.window_end.replace(' ', 'T')}Z`)}`, row.top] as const);
    expect(new Map(found)).toEqual(model.closedWindows());
    expect(found.length).toBe(model.closedWindows().size);
  });

  test('a definition that others use goes with CASCADE only', async () => {
    const refused = await runPsql({ port: server.port, input: 'DROP MATERIALIZED VIEW per_channel;' });
    expect(refused.stderr).toMatch(/cannot drop .*per_channel.* because other objects depend on it[\s\S]*total[\s\S]*CASCADE/);
    const { stdout, stderr } = await runPsql({ port: server.port, input: 'DROP MATERIALIZED VIEW per_channel CASCADE;' });
    expect(stdout).toBe('DROP MATERIALIZED VIEW\n');
    expect(stderr).toMatch(/drop cascades to .*total/);
    expect(await psql(`${createPerChannel}\n${createTotal}`)).toBe('CREATE MATERIALIZED VIEW\nCREATE MATERIALIZED VIEW\n');
  });
});
