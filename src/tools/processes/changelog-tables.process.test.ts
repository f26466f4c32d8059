import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { reasonToSkipKafkaTests } from '../kafka/index.ts';
import { eventually } from './eventually.ts';
import { KafkaFixture } from './kafka-fixture.ts';
import { ServerProcess } from './server-process.ts';

const skip = await reasonToSkipKafkaTests();

describe.skipIf(skip !== undefined)('tables of changes on a real broker', () => {
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

  const table = (topic: string, columns: string, format: string): string =>
    `CREATE TABLE ${topic} (${columns}) WITH ('connector' = 'upsert-kafka', 'topic' = '${topic}', 'properties.bootstrap.servers' = '${kafka.servers}', ${format})`;

  test('a compacted topic goes in, its aggregate goes out as upserts and tombstones and is read again', { timeout: 120_000 }, async () => {
    await kafka.createTopic('stock', 1);
    await kafka.createTopic('per_room', 1);
    const put = (key: string, room: string, n: number) => ({ key, value: JSON.stringify({ room, n }), partition: 0 });
    await kafka.produce('stock', [
      put('pen', 'a', 5),
      put('ink', 'b', 7),
      put('pen', 'a', 6),
      { key: 'gone', value: null, partition: 0 },
      put('pad', 'a', 1),
    ]);
    await server.rows(
      table('stock', 'item TEXT PRIMARY KEY, room TEXT, n INT', "'key.format' = 'raw', 'format' = 'json', 'value.fields-include' = 'EXCEPT_KEY'"),
    );
    await server.rows(table('per_room', 'room TEXT PRIMARY KEY, n BIGINT', "'key.format' = 'json', 'format' = 'json'"));
    await server.rows('INSERT INTO per_room SELECT room, sum(n) FROM stock GROUP BY room');
    const rooms = (): Promise<readonly (readonly (string | null)[])[]> => server.rows('SELECT room, n FROM per_room ORDER BY room');
    await eventually('the first sums', rooms, (rows) => rows.join(';') === 'a,7;b,7');
    await kafka.produce('stock', [
      { key: 'ink', value: null, partition: 0 },
      { key: 'pad', value: null, partition: 0 },
    ]);
    await eventually('the sums without what has gone', rooms, (rows) => rows.join(';') === 'a,6');
    const last = new Map((await kafka.readAll('per_room')).map(({ key, value }) => [key, value]));
    expect(last).toEqual(
      new Map([
        ['{"room":"a"}', '{"room":"a","n":6}'],
        ['{"room":"b"}', null],
      ]),
    );
    await server.rows('DROP SINK insert_into_per_room');
    await server.rows("INSERT INTO per_room VALUES ('c', 9)");
    await eventually('the row written once', rooms, (rows) => rows.join(';') === 'a,6;c,9');
  });
});
