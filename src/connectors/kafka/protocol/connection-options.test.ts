import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { connectionOptions, fetcherOptions, type Properties, producerSettings } from './index.ts';

const directory = mkdtempSync(join(tmpdir(), 'fsql-kafka-options-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const options = (properties: Properties) => connectionOptions({ 'bootstrap.servers': 'kafka:9093', ...properties });
const failure = (properties: Properties) => expect.objectContaining(properties);

test('servers with and without ports, several, and IPv6', () => {
  const { bootstrapServers } = connectionOptions({ 'bootstrap.servers': 'one, two:19092 ,[::1]:9094' });
  expect(bootstrapServers).toEqual([
    { host: 'one', port: 9092 },
    { host: 'two', port: 19_092 },
    { host: '::1', port: 9094 },
  ]);
});

test('plain text by default', () => {
  expect(options({})).toMatchObject({ tls: undefined, sasl: undefined, clientId: 'fsql', connectTimeoutMs: 10_000, requestTimeoutMs: 30_000 });
});

test('a login in the Java notation', () => {
  const login = String.raw`org.apache.kafka.common.security.scram.ScramLoginModule required username="al=ice" password="a\"b;\\c";`;
  const properties = { 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'SCRAM-SHA-512', 'sasl.jaas.config': login };
  expect(options(properties)).toMatchObject({ sasl: { mechanism: 'scram-sha-512', username: 'al=ice', password: 'a"b;\\c' }, tls: {} });
});

test('a login in the librdkafka notation', () => {
  const properties = { 'security.protocol': 'sasl_plaintext', 'sasl.mechanism': 'PLAIN', 'sasl.username': 'bob', 'sasl.password': 'pw' };
  expect(options(properties)).toMatchObject({ sasl: { mechanism: 'plain', username: 'bob', password: 'pw' }, tls: undefined });
});

test('certificates from PEM files and from text', () => {
  const authority = join(directory, 'ca.crt');
  writeFileSync(authority, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  const { tls } = options({ 'security.protocol': 'SSL', 'ssl.truststore.location': authority, 'ssl.keystore.key': '-----BEGIN PRIVATE KEY-----' });
  expect(tls).toEqual({ ca: expect.stringContaining('AAAA'), key: '-----BEGIN PRIVATE KEY-----' });
  const unchecked = options({ 'security.protocol': 'SSL', 'ssl.endpoint.identification.algorithm': '' }).tls;
  expect(unchecked?.checkServerIdentity?.('host', {} as never)).toBeUndefined();
});

test('what common programs set for a consumer group changes nothing', () => {
  expect(options({ 'group.id': 'reports', 'auto.offset.reset': 'earliest', acks: 'all' })).toEqual(options({}));
});

test('properties of consumers and producers are taken over, and more requests in flight than keep the order are refused', () => {
  expect(fetcherOptions({ 'isolation.level': 'read_uncommitted', 'fetch.max.wait.ms': '10' })).toMatchObject({
    isolation: 'read_uncommitted',
    waitMsMax: 10,
  });
  expect(producerSettings({ 'compression.type': 'zstd' })).toMatchObject({ compression: 'zstd', inFlightMax: 4 });
  expect(producerSettings({ 'max.in.flight.requests.per.connection': '5' })).toMatchObject({ inFlightMax: 4 });
  expect(producerSettings({ 'max.in.flight.requests.per.connection': '1' })).toMatchObject({ inFlightMax: 1 });
  expect(() => producerSettings({ 'max.in.flight.requests.per.connection': '6' })).toThrow(failure({ code: '22023' }));
});

test.each([
  [{ 'bootstrap.serverz': 'x' }, { code: '22023', message: 'unknown Kafka property "properties.bootstrap.serverz"' }],
  [{ 'sasl.mechanisms': 'PLAIN' }, { hint: 'Perhaps you meant "properties.sasl.mechanism".' }],
  [{ 'security.protocol': 'TLS' }, { hint: 'Valid values are PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL.' }],
  [{ 'security.protocol': 'SASL_SSL' }, { message: 'SASL needs a user name and a password' }],
  [{ 'request.timeout.ms': 'soon' }, { message: 'invalid value for "properties.request.timeout.ms": "soon"' }],
  [{ 'bootstrap.servers': 'host:99999' }, { message: 'invalid value for "properties.bootstrap.servers": "host:99999"' }],
  [{ 'bootstrap.servers': ' ' }, { message: 'option "properties.bootstrap.servers" is required' }],
  [{ 'security.protocol': 'SSL', 'ssl.ca.location': '/nowhere/ca' }, { code: '58P01' }],
] as const)('%j is refused', (properties, expected) => {
  expect(() => options(properties as Properties)).toThrow(failure(expected as unknown as Properties));
});
