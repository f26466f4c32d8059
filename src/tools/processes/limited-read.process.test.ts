import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { reasonToSkipKafkaTests } from '../kafka/index.ts';
import { KafkaFixture } from './kafka-fixture.ts';
import { ServerProcess } from './server-process.ts';

const skip = await reasonToSkipKafkaTests();
const MESSAGES = 20_000;
const PARTITIONS = 2;
/** Streams that nobody has read before; each begins with the read. */
const STREAMS = 5;

describe.skipIf(skip !== undefined)('a SELECT with a LIMIT from a topic', () => {
  let kafka: KafkaFixture;
  let server: ServerProcess | undefined;
  beforeAll(async () => {
    kafka = await KafkaFixture.start();
    await kafka.createTopic('numbers', PARTITIONS);
    await kafka.produce(
      'numbers',
      Array.from({ length: MESSAGES }, (_, n) => ({ value: JSON.stringify({ n }), partition: n % PARTITIONS })),
    );
  }, 120_000);
  afterEach(() => server?.dispose());
  afterAll(() => kafka?.stop());

  test('has its rows, whether or not somebody has read it before', { timeout: 120_000 }, async () => {
    server = await ServerProcess.start();
    const options = `connector = 'kafka', topic = 'numbers', properties.bootstrap.servers = '${kafka.servers}', scan.startup.mode = 'earliest-offset', format = 'json'`;
    for (let stream = 0; stream < STREAMS; stream++) {
      await server.rows(`CREATE STREAM s${stream} (n BIGINT) WITH (${options})`);
      expect((await server.rows(`SELECT n FROM s${stream} LIMIT 2`)).length).toBe(2);
    }
    await server.rows('CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM s0');
    const first = await server.rows('SELECT n FROM s0 LIMIT 3');
    expect(new Set(first.map(([n]) => n)).size).toBe(3);
    expect(await server.rows(`SELECT n FROM s0 WHERE n / 2 = ${MESSAGES / 4} ORDER BY n`)).toEqual([[`${MESSAGES / 2}`], [`${MESSAGES / 2 + 1}`]]);
    expect(await server.rows(`SELECT n FROM s0 WHERE n > ${MESSAGES - 3} LIMIT 1`)).toHaveLength(1);
    expect(await server.rows("SELECT name FROM fsql_catalog.jobs WHERE kind = 'view'")).toEqual([['counted']]);
    await expect(server.rows('SELECT n FROM s0 WHERE 10 / n > 100 LIMIT 1')).rejects.toThrow('division by zero');
  });
});
