import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../base/adapters/system-clock.ts';
import { type RunningBroker, reasonToSkipKafkaTests, startBroker } from '../../../tools/kafka/index.ts';
import { connectionOptions, KafkaConnection, type Properties } from './index.ts';

const skip = await reasonToSkipKafkaTests();

describe.skipIf(skip !== undefined)('logins and certificates against a real broker', () => {
  let broker: RunningBroker;

  beforeAll(async () => {
    broker = await startBroker({ sasl: { plainUsers: { carol: 'carol-pw' }, scramUsers: { alice: 'alice-pw' } }, tls: true, heapMb: 128 });
  }, 120_000);

  afterAll(async () => {
    await broker?.stop();
  });

  /** Connects, asks for something, and gives the cluster id. */
  async function clusterBehind(properties: Properties): Promise<string> {
    const connection = await KafkaConnection.open(connectionOptions(properties), systemClock);
    try {
      await connection.topicNames();
      return connection.clusterId;
    } finally {
      await connection.close();
    }
  }

  const login = (mechanism: string, username: string, password: string): Properties => ({
    'bootstrap.servers': broker.saslServers!,
    'security.protocol': 'SASL_PLAINTEXT',
    'sasl.mechanism': mechanism,
    'sasl.jaas.config': `org.apache.kafka.common.security.Module required username="${username}" password="${password}";`,
  });

  test.each([
    ['PLAIN', 'carol'],
    ['SCRAM-SHA-256', 'alice'],
    ['SCRAM-SHA-512', 'alice'],
  ])('%s lets the user in and keeps a wrong password out', async (mechanism, user) => {
    expect(await clusterBehind(login(mechanism, user, `${user}-pw`))).toBe(broker.clusterId);
    await expect(clusterBehind(login(mechanism, user, 'wrong'))).rejects.toMatchObject({ code: '28P01', class: 'user' });
  });

  test('TLS with the authority of the broker', async () => {
    const properties = { 'bootstrap.servers': broker.tlsServers!, 'security.protocol': 'SSL' };
    expect(await clusterBehind({ ...properties, 'ssl.ca.location': broker.authorityFile! })).toBe(broker.clusterId);
    await expect(clusterBehind(properties)).rejects.toMatchObject({
      code: '08006',
      message: expect.stringContaining('unable to verify the first certificate'),
      hint: expect.stringContaining('properties.ssl.ca.location'),
    });
    expect(await clusterBehind({ ...properties, 'enable.ssl.certificate.verification': 'false' })).toBe(broker.clusterId);
  });

  test('plain text spoken to a TLS listener fails within the limit', async () => {
    const properties = { 'bootstrap.servers': broker.tlsServers!, 'socket.connection.setup.timeout.ms': '2000' };
    await expect(clusterBehind(properties)).rejects.toMatchObject({ code: '08006' });
  });
});
