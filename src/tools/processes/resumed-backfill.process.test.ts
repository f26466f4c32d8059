import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reasonToSkipKafkaTests } from '../kafka/index.ts';
import { eventually } from './eventually.ts';
import { KafkaFixture } from './kafka-fixture.ts';
import { ServerProcess } from './server-process.ts';
import { freePort, TaskManagerChild } from './task-manager-process.ts';

const skip = await reasonToSkipKafkaTests();
const MESSAGES = 60_000;
const PARTITIONS = 2;
/** So few go through a task at once, and a checkpoint is made between one and the next. */
const BATCH = 500;
const CHECKPOINTS = ['--checkpoint-interval-ms', '100'];
/** A guard: what is waited for comes. */
const PATIENCE_MS = 120_000;
const TEST_MS_MAX = 300_000;
/** Takes long for each message. */
const MADE_SLOWLY = `CREATE MATERIALIZED VIEW made AS
  SELECT n % 100 AS k, count(*) AS c, sum(n) AS s, sum(length(regexp_replace(v, '[0-9]', 'xy', 'g'))) AS l FROM messages GROUP BY n % 100`;
const WRONG = 'SELECT count(*) FROM seen FULL JOIN made USING (k) WHERE seen.c IS DISTINCT FROM made.c OR seen.s IS DISTINCT FROM made.s';

describe.skipIf(skip !== undefined)('a view over the history of a topic', () => {
  let kafka: KafkaFixture;
  let filled = 0;
  beforeAll(async () => {
    kafka = await KafkaFixture.start();
    await kafka.createTopic('messages', PARTITIONS);
    await fill();
  }, 120_000);
  afterAll(() => kafka?.stop());

  async function fill(): Promise<void> {
    for (let first = 0; first < MESSAGES; first += BATCH) {
      const message = (n: number): { value: string; partition: number } => ({
        value: JSON.stringify({ n, v: `${n} `.repeat(40) }),
        partition: n % PARTITIONS,
      });
      await kafka.produce(
        'messages',
        Array.from({ length: BATCH }, (_, index) => message(first + index)),
      );
    }
    // A producer that has waited too long for an answer sends again.
    filled = (await kafka.admin.fetchTopicOffsets('messages')).reduce((sum, { high }) => sum + Number(high), 0);
  }

  function untilSeen(server: ServerProcess): Promise<string | null> {
    const seen = (): Promise<string | null> => server.value('SELECT sum(c) FROM seen');
    return eventually('all of it is read once', seen, (count) => count === String(filled), PATIENCE_MS);
  }

  /** A view has read the topic, and another one is made over what it holds; how much of that a checkpoint has. */
  async function untilKept(server: ServerProcess): Promise<number> {
    const options = `connector = 'kafka', topic = 'messages', properties.bootstrap.servers = '${kafka.servers}', scan.startup.mode = 'earliest-offset', properties.max.partition.fetch.bytes = '1', format = 'json'`;
    await server.rows(`CREATE STREAM messages (n BIGINT, v TEXT) WITH (${options})`);
    await server.rows('CREATE MATERIALIZED VIEW seen AS SELECT n % 100 AS k, count(*) AS c, sum(n) AS s FROM messages GROUP BY n % 100');
    await untilSeen(server);
    const client = await server.connect();
    await client.query('SET background_ddl = on');
    await client.query(MADE_SLOWLY);
    const kept = async (): Promise<number> => Number(await server.value('SELECT offsets_kept FROM fsql_catalog.backfills'));
    return eventually('a checkpoint has some of it', kept, (offsets) => offsets > 0, PATIENCE_MS);
  }

  async function untilGoingOn(server: ServerProcess): Promise<number> {
    const from = async (): Promise<number> => Number((await server.value('SELECT offsets_resumed FROM fsql_catalog.backfills')) ?? -1);
    return eventually('it goes on', from, (offsets) => offsets >= 0, PATIENCE_MS);
  }

  async function expectMade(server: ServerProcess): Promise<void> {
    await fill();
    await server.rows('WAIT');
    await untilSeen(server);
    expect(await server.rows(WRONG)).toEqual([['0']]);
    expect(await server.value('SELECT sum(c) FROM made')).toBe(String(filled));
  }

  test('goes on with what checkpoints have of it after kill -9, and counts every message once', { timeout: TEST_MS_MAX }, async () => {
    const server = await ServerProcess.start({ slots: 2, args: CHECKPOINTS });
    try {
      const kept = await untilKept(server);
      await server.kill();
      await server.restart();
      await expect(server.rows('SELECT * FROM made')).rejects.toThrow('does not exist');
      expect(await untilGoingOn(server)).toBeGreaterThanOrEqual(kept);
      await expectMade(server);
    } finally {
      await server.dispose();
    }
  });

  test('goes on after kill -9 of a TaskManager that reads it, and counts every message once', { timeout: TEST_MS_MAX }, async () => {
    const port = await freePort();
    const listening = ['--parallelism', '4', '--listen-tasks', `127.0.0.1:${port}`, '--heartbeat-timeout-ms', '3000'];
    const server = await ServerProcess.start({ slots: 0, args: [...CHECKPOINTS, ...listening] });
    const taskManagers = [new TaskManagerChild(port), new TaskManagerChild(port)];
    try {
      await Promise.all(taskManagers.map((one) => one.joined()));
      const kept = await untilKept(server);
      taskManagers[0]!.signal('SIGKILL');
      taskManagers.push(new TaskManagerChild(port));
      expect(await untilGoingOn(server)).toBeGreaterThanOrEqual(kept);
      await expectMade(server);
    } finally {
      for (const one of taskManagers) await one.dispose();
      await server.dispose();
    }
  });
});
