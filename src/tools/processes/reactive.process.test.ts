import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { reasonToSkipKafkaTests } from '../kafka/index.ts';
import { eventually } from './eventually.ts';
import { KafkaFixture } from './kafka-fixture.ts';
import { RowWriter } from './row-writer.ts';
import { ServerProcess } from './server-process.ts';
import { freePort, TaskManagerChild } from './task-manager-process.ts';

const skip = await reasonToSkipKafkaTests();
const PARTITIONS = 4;
const KEYS = 10;
const TEST_MS_MAX = 180_000;
/** Short ones; that the times are kept is tested with a clock of the test. */
const REACTIVE = ['--reactive', '--stabilization-ms', '500', '--rescale-cooldown-ms', '1000'];

describe.skipIf(skip !== undefined)('reactive mode', () => {
  const started: { dispose(): Promise<void> }[] = [];
  let kafka: KafkaFixture;
  let writer: RowWriter | null = null;

  beforeAll(async () => {
    kafka = await KafkaFixture.start();
  }, TEST_MS_MAX);
  afterEach(async (context) => {
    await writer?.stop();
    for (const one of started.splice(0).reverse()) {
      if (context.task.result?.state === 'fail' && one instanceof ServerProcess) process.stderr.write(`log of the failed test:\n${one.history}\n`);
      await one.dispose();
    }
  });
  afterAll(() => kafka?.stop());

  function keep<One extends { dispose(): Promise<void> }>(one: One): One {
    started.push(one);
    return one;
  }

  async function jobManager(port: number, options: { readonly dataDir?: string; readonly standby?: boolean } = {}): Promise<ServerProcess> {
    const args = ['--parallelism', '3', '--listen-tasks', `127.0.0.1:${port}`, '--heartbeat-timeout-ms', '3000', ...REACTIVE];
    const place = options.dataDir === undefined ? {} : { dataDir: options.dataDir };
    return keep(ServerProcess.launch({ slots: 0, args: [...args, ...(options.standby === true ? ['--standby'] : [])], ...place }));
  }

  function taskManager(ports: number | readonly number[]): TaskManagerChild {
    return keep(new TaskManagerChild(ports, ['--slots', '1']));
  }

  /** An exactly-once sink has one subtask, however many slots there are. */
  const widths = async (server: ServerProcess): Promise<string> =>
    (await server.rows("SELECT DISTINCT state, parallelism, wanted_parallelism FROM fsql_catalog.jobs WHERE name <> 'copy'"))
      .map((row) => row.join(' '))
      .join(', ');

  function wide(server: ServerProcess, width: number): Promise<string> {
    return eventually(
      `${width} wide`,
      () => widths(server),
      (text) => text === `RUNNING ${width} 3`,
      60_000,
    );
  }

  /** A view and an exactly-once sink over a topic that is written to. */
  async function working(server: ServerProcess, name: string): Promise<void> {
    for (const topic of [name, `${name}-copy`]) await kafka.createTopic(topic, PARTITIONS);
    const options = (topic: string, more = ''): string =>
      `WITH (connector = 'kafka', topic = '${topic}', 'properties.bootstrap.servers' = '${kafka.servers}', format = 'json'${more})`;
    await server.rows(`CREATE STREAM rows (id BIGINT) ${options(name)}`);
    await server.rows(`CREATE MATERIALIZED VIEW counts AS SELECT id % ${KEYS} AS k, count(*) AS n, sum(id) AS total FROM rows GROUP BY id % ${KEYS}`);
    await server.rows(`CREATE SINK copy ${options(`${name}-copy`, ", delivery = 'exactly_once'")} AS SELECT id FROM rows`);
    writer = new RowWriter(kafka, name, PARTITIONS);
  }

  /** More has come in than had when it was called. */
  async function goesOn(server: ServerProcess): Promise<void> {
    const before = writer!.count;
    await eventually(
      'rows come in',
      () => server.value('SELECT sum(n) FROM counts'),
      (n) => Number(n) > before,
      60_000,
    );
  }

  /** Each row that was written is in the view once, and in the topic of the sink. */
  async function compare(server: ServerProcess, name: string): Promise<void> {
    await writer!.stop();
    const ids = Array.from({ length: writer!.count }, (_, id) => id);
    await eventually(
      'all rows',
      () => server.value('SELECT sum(n) FROM counts'),
      (n) => Number(n) >= ids.length,
      60_000,
    );
    const expected = Array.from({ length: KEYS }, (_, k) => {
      const own = ids.filter((id) => id % KEYS === k);
      return [k, own.length, own.reduce((sum, id) => sum + id, 0)].join(' ');
    });
    expect((await server.rows('SELECT * FROM counts ORDER BY k')).map((row) => row.join(' '))).toEqual(expected);
    await server.rows('CHECKPOINT');
    const copied = await eventually(
      'all rows are out',
      async () => (await kafka.readCommitted(`${name}-copy`)).map(({ value }) => (JSON.parse(value!) as { id: number }).id),
      ({ length }) => length >= ids.length,
      60_000,
    );
    expect(copied.sort((left, right) => left - right)).toEqual(ids);
  }

  test('jobs grow with TaskManagers that join and shrink with one killed with -9, each row counted and sent once', {
    timeout: TEST_MS_MAX,
  }, async () => {
    const port = await freePort();
    const server = await jobManager(port);
    await server.ready();
    const first = taskManager(port);
    await first.joined();
    await working(server, 'grows');
    await wide(server, 1);
    await goesOn(server);
    await Promise.all([taskManager(port).joined(), taskManager(port).joined()]);
    await wide(server, 3);
    await goesOn(server);
    await first.dispose();
    await wide(server, 2);
    await goesOn(server);
    await taskManager(port).joined();
    await wide(server, 3);
    await compare(server, 'grows');
    expect(server.log).toMatch(/jobs are rescaled to the slots there are jobs="rows: 1 to \d, counts: 1 to \d" slots=\d/);
    expect(server.log).toContain('jobs are rescaled to the slots there are jobs="rows: 3 to 2, counts: 3 to 2" slots=2');
  });

  test('a standby takes over with the slots there are by then', { timeout: TEST_MS_MAX }, async () => {
    const ports = [await freePort(), await freePort()] as const;
    const leader = await jobManager(ports[0]);
    await leader.ready();
    const standby = await jobManager(ports[1], { dataDir: leader.dataDir, standby: true });
    const [first, second] = [taskManager(ports), taskManager(ports)];
    await Promise.all([first.joined(), second.joined()]);
    await working(leader, 'taken');
    await wide(leader, 2);
    await goesOn(leader);
    await Promise.all([leader.kill(), second.dispose()]);
    await standby.ready();
    await wide(standby, 1);
    await goesOn(standby);
    await compare(standby, 'taken');
  });

  test('is refused where no TaskManager can join', { timeout: TEST_MS_MAX }, async () => {
    const server = keep(ServerProcess.launch({ args: ['--reactive'] }));
    expect((await server.end()).code).toBe(2);
    expect(server.log).toContain('--reactive is for TaskManagers that come and go: let them register (--listen-tasks)');
  });
});
