import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { reasonToSkipKafkaTests } from '../kafka/index.ts';
import { eventually } from './eventually.ts';
import { KafkaFixture } from './kafka-fixture.ts';
import { ServerProcess } from './server-process.ts';

const skip = await reasonToSkipKafkaTests();

const rowOf = (a: number): { value: string; partition: number } => ({ value: JSON.stringify({ a, t: '2024-01-01 00:00:00' }), partition: 0 });

describe.skipIf(skip !== undefined)('what can be wrong with Kafka', () => {
  let kafka: KafkaFixture;
  let server: ServerProcess;

  beforeAll(async () => {
    kafka = await KafkaFixture.start();
    server = await ServerProcess.start();
  }, 120_000);
  afterEach((context) => {
    if (context.task.result?.state === 'fail') process.stderr.write(`server log of the failed test:\n${server.log}\n`);
  });
  afterAll(async () => {
    await server?.dispose();
    await kafka?.stop();
  });

  const createStream = (name: string, options: Readonly<Record<string, string>> = {}): string => {
    const all = {
      connector: 'kafka',
      topic: name,
      'properties.bootstrap.servers': kafka.servers,
      'scan.startup.mode': 'earliest-offset',
      format: 'json',
      ...options,
    };
    const listed = Object.entries(all).map(([key, value]) => `'${key}' = '${value}'`);
    return `CREATE STREAM ${name} (a BIGINT NOT NULL, t TIMESTAMP(3), WATERMARK FOR t AS t) WITH (${listed.join(', ')})`;
  };

  test('messages that are no rows are kept with partition, offset, bytes and reason; the others go on', { timeout: 60_000 }, async () => {
    await kafka.createTopic('broken', 2);
    const values = [
      '{"a": 1, "t": "2024-01-01 00:00:00"}',
      '{"a": 2, ',
      '{"a": "many", "t": null}',
      '{"t": "2024-01-01 00:00:00"}',
      '{"a": 99999999999999999999}',
      '{"a": 5, "t": "2999-01-01 00:00:00"}',
      '{"a": 6, "t": "2024-01-01 00:00:01"}',
    ];
    await kafka.produce(
      'broken',
      values.map((value) => ({ value, partition: 1 })),
    );
    await server.rows(createStream('broken'));
    await server.rows('CREATE MATERIALIZED VIEW broken_sum AS SELECT count(*) AS n, sum(a) AS total FROM broken');
    await eventually(
      'the good rows',
      () => server.rows('SELECT n, total FROM broken_sum'),
      (rows) => rows[0]?.join() === '2,7',
    );
    const bad = await server.rows(`SELECT partition, "offset", convert_from(data, 'UTF8'), reason FROM bad_rows('broken') ORDER BY 2`);
    expect(bad.map(([partition, offset, data]) => [partition, offset, data])).toEqual(
      [1, 2, 3, 4, 5].map((offset) => ['1', String(offset), values[offset]]),
    );
    const reasons = bad.map((row) => row[3]);
    expect(reasons.every((reason) => (reason ?? '').length > 5)).toBe(true);
    expect(reasons[1]).toContain('bigint');
    expect(reasons[2]).toContain('"a"');
    expect(reasons[3]).toContain('out of range');
    expect(reasons[4]).toContain('future');
  });

  test('a missing topic and a missing broker are told at CREATE', { timeout: 60_000 }, async () => {
    await expect(server.rows(createStream('nowhere'))).rejects.toThrow(/topic "nowhere" does not exist/);
    await expect(server.rows(createStream('nowhere', { 'properties.bootstrap.servers': '127.0.0.1:1' }))).rejects.toThrow(/127\.0\.0\.1:1/);
    expect(await server.value("SELECT count(*) FROM fsql_catalog.jobs WHERE name = 'nowhere'")).toBe('0');
  });

  test('offsets removed before they were read fail the job, which names them; with the option it goes on', { timeout: 120_000 }, async () => {
    for (const topic of ['removed', 'skipped']) {
      await kafka.createTopic(topic, 1);
      await kafka.produce(topic, [1, 2, 3].map(rowOf));
    }
    await server.rows(createStream('removed'));
    await server.rows(createStream('skipped', { 'scan.on_offset_out_of_range': 'earliest' }));
    for (const topic of ['removed', 'skipped']) {
      await server.rows(`CREATE MATERIALIZED VIEW ${topic}_sum AS SELECT count(*) AS n, sum(a) AS total FROM ${topic}`);
      await eventually(
        'the rows that are there',
        () => server.rows(`SELECT n, total FROM ${topic}_sum`),
        ([row]) => row?.join() === '3,6',
      );
    }
    await server.end('SIGTERM');
    for (const topic of ['removed', 'skipped']) {
      await kafka.produce(topic, [4, 5, 6].map(rowOf));
      await kafka.deleteRecords(topic, 5);
    }
    await server.restart();
    await eventually(
      'the job has failed',
      () => server.rows("SELECT state, error FROM fsql_catalog.jobs WHERE name = 'removed'"),
      ([row]) => row?.[0] === 'FAILED' && /offset 3 of partition 0 of topic "removed"/.test(row[1] ?? ''),
      40_000,
    );
    await eventually(
      'the other goes on',
      () => server.rows('SELECT n, total FROM skipped_sum'),
      ([row]) => row?.join() === '4,12',
    );
  });

  test('a broker that goes away is waited for, visibly, and nothing is lost', { timeout: 120_000 }, async () => {
    await kafka.createTopic('steady', 2);
    await kafka.produce('steady', [1, 2, 3].map(rowOf));
    await server.rows(createStream('steady'));
    await server.rows('CREATE MATERIALIZED VIEW steady_sum AS SELECT count(*) AS n, sum(a) AS total FROM steady');
    await kafka.createTopic('steady_out', 1);
    const sink = { connector: 'kafka', topic: 'steady_out', 'properties.bootstrap.servers': kafka.servers, format: 'json' };
    const settings = Object.entries(sink).map(([key, value]) => `'${key}' = '${value}'`);
    await server.rows(`CREATE SINK steady_out WITH (${settings.join(', ')}) AS SELECT a FROM steady`);
    await eventually(
      'the rows that are there',
      () => server.rows('SELECT n, total FROM steady_sum'),
      ([row]) => row?.join() === '3,6',
    );
    await kafka.broker.kill();
    const visible = async (query: string): Promise<void> => {
      const problem = await eventually(
        'the cause is visible',
        () => server.value(query),
        (text) => text !== null,
        30_000,
      );
      expect(problem).toContain(kafka.servers);
    };
    await visible("SELECT max(problem) FROM fsql_catalog.source_partitions WHERE relation = 'steady'");
    expect(await server.rows('SELECT n, total FROM steady_sum')).toEqual([['3', '6']]);
    await server.kill();
    await server.restart();
    expect(await server.rows('SELECT n, total FROM steady_sum')).toEqual([['3', '6']]);
    await visible("SELECT max(problem) FROM fsql_catalog.source_partitions WHERE relation = 'steady'");
    await visible("SELECT last_error FROM fsql_catalog.sink_progress WHERE sink = 'steady_out'");
    await kafka.broker.restart();
    await eventually(
      'the broker takes rows',
      async () => {
        await kafka.produce('steady', [rowOf(10)]);
        return true;
      },
      () => true,
      30_000,
    );
    await eventually(
      'the view goes on by itself',
      () => server.rows('SELECT n >= 4, total - 10 * (n - 3) FROM steady_sum'),
      ([row]) => row?.join() === 't,6',
      30_000,
    );
    await eventually(
      'the cause is gone',
      () =>
        server.value(`SELECT (SELECT count(problem) FROM fsql_catalog.source_partitions WHERE relation = 'steady')
          + (SELECT count(last_error) FROM fsql_catalog.sink_progress WHERE sink = 'steady_out')`),
      (count) => count === '0',
      10_000,
    );
    expect(await server.value("SELECT state FROM fsql_catalog.jobs WHERE name = 'steady_sum'")).toBe('RUNNING');
  });
});
