import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { reasonToSkipKafkaTests } from '../kafka/index.ts';
import { eventually } from './eventually.ts';
import { KafkaFixture } from './kafka-fixture.ts';
import { KafkaApi, KafkaGate } from './kafka-gate.ts';
import { ServerProcess } from './server-process.ts';

const skip = await reasonToSkipKafkaTests();

/** Only super users may do what no rule allows; clients of the open listener are ANONYMOUS. */
const ACCESS_RULES = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:ANONYMOUS',
};
const TIMEOUT_MS_MAX = 100_000;

describe.skipIf(skip !== undefined)('what exactly-once delivery needs of Kafka', () => {
  const opened: { dispose(): Promise<void> }[] = [];
  const servers: ServerProcess[] = [];
  let kafka: KafkaFixture;

  const start = async (properties: Readonly<Record<string, string>> = {}): Promise<ServerProcess> => {
    kafka = await KafkaFixture.start({ properties, sasl: { plainUsers: { alice: 'secret' } } });
    const server = await ServerProcess.start();
    opened.push({ dispose: () => kafka.stop() }, server);
    servers.push(server);
    await kafka.createTopic('rows');
    await kafka.createTopic('copy');
    return server;
  };
  const options = (topic: string, servers: string, more: Readonly<Record<string, string>> = {}): string => {
    const all = { connector: 'kafka', topic, 'properties.bootstrap.servers': servers, format: 'json', ...more };
    const listed = Object.entries(all).map(([key, value]) => `'${key}' = '${value.replaceAll("'", "''")}'`);
    return `WITH (${listed.join(', ')})`;
  };
  const createRows = (servers = kafka.servers): string => `CREATE STREAM rows (id BIGINT) ${options('rows', servers)}`;
  const createCopy = (more: Readonly<Record<string, string>> = {}, servers = kafka.servers): string =>
    `CREATE SINK copy ${options('copy', servers, { delivery: 'exactly_once', ...more })} AS SELECT id FROM rows`;
  const produce = (ids: readonly number[]): Promise<void> =>
    kafka.produce(
      'rows',
      ids.map((id) => ({ value: JSON.stringify({ id }), partition: 0 })),
    );
  const copied = async (): Promise<number[]> => {
    const messages = await kafka.readCommitted('copy');
    return messages.map(({ value }) => (JSON.parse(value!) as { id: number }).id).sort((left, right) => left - right);
  };

  afterEach(async (context) => {
    for (const server of servers.splice(0))
      if (context.task.result?.state === 'fail') process.stderr.write(`server log of the failed test:\n${server.log}\n`);
    for (const one of opened.splice(0).reverse()) await one.dispose();
  });
  afterAll(async () => {
    for (const one of opened.splice(0).reverse()) await one.dispose();
  });

  test("a timeout above the broker's limit, a topic that is not there, a broker without transactions", { timeout: 180_000 }, async () => {
    const server = await start({ 'transaction.max.timeout.ms': String(TIMEOUT_MS_MAX) });
    await server.rows(createRows());
    const long = { 'properties.transaction.timeout.ms': String(TIMEOUT_MS_MAX + 1) };
    await expect(server.rows(createCopy(long))).rejects.toMatchObject({
      code: '22023',
      message: expect.stringMatching(/INVALID_TRANSACTION_TIMEOUT/),
      hint: expect.stringMatching(/transaction\.max\.timeout\.ms/),
    });
    await expect(server.rows(createCopy({ topic: 'cop' }))).rejects.toMatchObject({ message: expect.stringMatching(/topic "cop" does not exist/) });
    const gate = await KafkaGate.start(kafka.servers);
    opened.push({ dispose: () => gate.stop() });
    gate.hidden = KafkaApi.addPartitionsToTransaction;
    await expect(server.rows(createCopy({}, gate.servers))).rejects.toMatchObject({
      code: '0A000',
      message: 'Kafka has no transactions here, and exactly-once delivery needs them',
      hint: "Use sink.delivery-guarantee = 'at-least-once'.",
    });
    expect(await server.value("SELECT count(*) FROM fsql_catalog.jobs WHERE name = 'copy'")).toBe('0');
    await server.rows(createCopy({ 'properties.transaction.timeout.ms': String(TIMEOUT_MS_MAX) }));
    await produce([1, 2]);
    await eventually(
      'the sink works',
      async () => {
        await server.rows('CHECKPOINT');
        return copied();
      },
      (ids) => ids.join() === '1,2',
    );
  });

  test('each right that is missing is named, with what it is for', { timeout: 180_000 }, async () => {
    const server = await start(ACCESS_RULES);
    await server.rows(createRows());
    const alice = {
      'properties.security.protocol': 'SASL_PLAINTEXT',
      'properties.sasl.mechanism': 'PLAIN',
      'properties.sasl.username': 'alice',
      'properties.sasl.password': 'secret',
      'sink.transactional-id-prefix': 'alices',
    };
    const refused = async (message: RegExp, hint: RegExp): Promise<void> => {
      await expect(server.rows(createCopy(alice, kafka.broker.saslServers!))).rejects.toMatchObject({
        code: '42501',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      });
    };
    await refused(/topic "copy".*TOPIC_AUTHORIZATION_FAILED/, /Write and Describe/);
    await kafka.allow('alice', { kind: 'topic', name: 'copy', operation: 'describe' });
    await refused(/transactional id "alices-.*TRANSACTIONAL_ID_AUTHORIZATION_FAILED/, /sink\.transactional-id-prefix/);
    await kafka.allow('alice', { kind: 'transactional id', name: 'alices-', operation: 'all' });
    await refused(/write to topic "copy".*TOPIC_AUTHORIZATION_FAILED/, /Write and Describe/);
    await kafka.allow('alice', { kind: 'topic', name: 'copy', operation: 'write' });
    await refused(/markers.*AUTHORIZATION_FAILED/, /"alices-copy-.*-markers".*one partition and cleanup\.policy=compact/);
    await kafka.allow('alice', { kind: 'topic', name: 'alices-', operation: 'all' });
    await server.rows(createCopy(alice, kafka.broker.saslServers!));
    await produce([1]);
    await eventually(
      'the sink works',
      async () => {
        await server.rows('CHECKPOINT');
        return copied();
      },
      (ids) => ids.join() === '1',
    );
  });

  test('two sinks with one prefix have transactional ids of their own', { timeout: 180_000 }, async () => {
    const server = await start();
    const prefix = { 'sink.transactional-id-prefix': 'shared' };
    await kafka.createTopic('other');
    await server.rows(createRows());
    await server.rows(createCopy(prefix));
    await server.rows(`CREATE SINK other ${options('other', kafka.servers, { delivery: 'exactly_once', ...prefix })} AS SELECT id FROM rows`);
    await produce([1]);
    await eventually(
      'both are out',
      async () => {
        await server.rows('CHECKPOINT');
        return [await kafka.readCommitted('copy'), await kafka.readCommitted('other')];
      },
      (topics) => topics.every(({ length }) => length === 1),
    );
  });
});
