import { readFileSync } from 'node:fs';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { nearestNames, SqlError, SqlState } from '../../../base/index.ts';
import { connectionProperties, ineffectiveProperties, otherProperties } from './property-names.ts';
import { invalidProperty, oneOf, type Properties, positiveNumber } from './property-value.ts';

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

export interface SaslOptions {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

/** How to reach a cluster. */
export interface ConnectionOptions {
  readonly bootstrapServers: readonly ServerAddress[];
  readonly clientId: string;
  /** TLS when present, with the options of Node's `tls.connect`. */
  readonly tls?: TlsOptions | undefined;
  readonly sasl?: SaslOptions | undefined;
  /** Limit for one connection, versions and authentication included. */
  readonly connectTimeoutMs: number;
  /** Limit for one answer; also how long a leaderless partition is waited for. */
  readonly requestTimeoutMs: number;
}

const DEFAULT_PORT = 9092;
const CONNECT_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const securityProtocols = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const;
const saslMechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

/**
 * Reads the names of the Java client (without the prefix `properties.`), and librdkafka's names for PEM files. Files are read
 * now, so that a wrong path is an error of the statement. Throws 22023 for unknown names and wrong values.
 */
export function connectionOptions(properties: Properties): ConnectionOptions {
  checkNames(properties);
  const protocol = oneOf(properties, 'security.protocol', securityProtocols) ?? 'PLAINTEXT';
  return {
    bootstrapServers: serverAddresses(properties),
    clientId: properties['client.id'] ?? 'fsql',
    tls: protocol.endsWith('SSL') ? tlsOptions(properties) : undefined,
    sasl: protocol.startsWith('SASL') ? saslOptions(properties) : undefined,
    connectTimeoutMs: positiveNumber(properties, 'socket.connection.setup.timeout.ms') ?? CONNECT_TIMEOUT_MS,
    requestTimeoutMs: positiveNumber(properties, 'request.timeout.ms') ?? REQUEST_TIMEOUT_MS,
  };
}

function checkNames(properties: Properties): void {
  for (const name of Object.keys(properties)) {
    if (connectionProperties.has(name) || otherProperties.has(name) || ineffectiveProperties.has(name)) continue;
    const near = nearestNames(name, [...connectionProperties, ...otherProperties]);
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: `unknown Kafka property "properties.${name}"`,
      hint: near.length > 0 ? `Perhaps you meant ${near.map((candidate) => `"properties.${candidate}"`).join(' or ')}.` : undefined,
    });
  }
}

function serverAddresses(properties: Properties): ServerAddress[] {
  const text = properties['bootstrap.servers'] ?? properties['bootstrap.server'];
  if (text === undefined || text.trim() === '') {
    throw new SqlError({ code: SqlState.invalidParameterValue, message: 'option "properties.bootstrap.servers" is required' });
  }
  return text.split(',').map((entry) => {
    const match = /^(?:\[([^\]]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(entry.trim());
    const port = Number(match?.[3] ?? DEFAULT_PORT);
    if (match === null || port < 1 || port > 65_535)
      throw invalidProperty('bootstrap.servers', entry.trim(), 'Give host:port, several separated by commas.');
    return { host: match[1] ?? match[2]!, port };
  });
}

function saslOptions(properties: Properties): SaslOptions {
  const mechanism = oneOf(properties, 'sasl.mechanism', saslMechanisms) ?? 'PLAIN';
  const login = properties['sasl.jaas.config'];
  const username = properties['sasl.username'] ?? (login === undefined ? undefined : jaasOption(login, 'username'));
  const password = properties['sasl.password'] ?? (login === undefined ? undefined : jaasOption(login, 'password'));
  if (username === undefined || password === undefined) {
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: 'SASL needs a user name and a password',
      hint: 'Set properties.sasl.username and properties.sasl.password, or properties.sasl.jaas.config.',
    });
  }
  return { mechanism: mechanism.toLowerCase() as SaslOptions['mechanism'], username, password };
}

/** `org.apache.kafka…PlainLoginModule required username="alice" password="it\"s";` (JAAS login configuration). */
function jaasOption(login: string, name: string): string | undefined {
  const match = new RegExp(`\\b${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;"]+))`).exec(login);
  return match?.[1]?.replaceAll(/\\(.)/g, '$1') ?? match?.[2];
}

function tlsOptions(properties: Properties): TlsOptions {
  const authority = pem(properties, ['ssl.ca.pem', 'ssl.truststore.certificates'], ['ssl.ca.location', 'ssl.truststore.location']);
  const certificate = pem(
    properties,
    ['ssl.certificate.pem', 'ssl.keystore.certificate.chain'],
    ['ssl.certificate.location', 'ssl.keystore.location'],
  );
  const key = pem(properties, ['ssl.key.pem', 'ssl.keystore.key'], ['ssl.key.location', 'ssl.keystore.location']);
  const passphrase = properties['ssl.key.password'];
  return {
    ...(authority === undefined ? {} : { ca: authority }),
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(properties['enable.ssl.certificate.verification'] === 'false' ? { rejectUnauthorized: false } : {}),
    // An empty algorithm switches the host name check off, as in the Java client.
    ...(properties['ssl.endpoint.identification.algorithm'] === '' ? { checkServerIdentity: () => undefined } : {}),
  };
}

/** PEM text given directly, or the content of a file. Java's own key store formats cannot be read. */
function pem(properties: Properties, textNames: readonly string[], fileNames: readonly string[]): string | undefined {
  const text = textNames.map((name) => properties[name]).find((value) => value !== undefined);
  if (text !== undefined) return text;
  const fileName = fileNames.find((name) => properties[name] !== undefined);
  if (fileName === undefined) return undefined;
  const content = readFile(fileName, properties[fileName]!);
  if (!content.includes('-----BEGIN'))
    throw invalidProperty(fileName, properties[fileName]!, 'Only PEM files can be read; convert a JKS or PKCS12 store with keytool and openssl.');
  return content;
}

function readFile(name: string, path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (cause) {
    const error = new SqlError({ code: SqlState.undefinedFile, message: `could not read the file "${path}" of "properties.${name}"`, cause });
    throw cause instanceof Error ? error.with({ detail: cause.message, cause }) : error;
  }
}
