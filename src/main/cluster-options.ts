import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeNetwork } from '../base/adapters/node-network.ts';
import { secretBytes } from '../base/adapters/secret-bytes.ts';
import { systemClock } from '../base/adapters/system-clock.ts';
import { tlsNetwork } from '../base/adapters/tls-network.ts';
import { type Logger, type Network, type ServerAddress, SqlError } from '../base/index.ts';
import { type Identity, parseAddress, TaskManagerRegistry } from '../cluster/index.ts';
import { isLoopback } from '../server/listen-address.ts';
import { UsageError } from './print-error.ts';

/** Options of every process of a cluster. */
export interface ClusterProcessOptions {
  readonly cluster: string;
  readonly secretFile?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsCa?: string;
}

export interface JoiningOptions extends ClusterProcessOptions {
  readonly listenTasks: string;
  readonly heartbeatTimeoutMs: number;
}

/** Shorter ones can be guessed. */
const SECRET_BYTES_MIN = 16;
/** Digits of a bundle's key, which end its text (load-bundle.ts). */
const KEY_LENGTH = 16;
const HEARTBEATS_PER_TIMEOUT = 10;

/** Who this process is for the others of its cluster. Without a secret file everybody on this machine may join. */
export function identityOf(options: ClusterProcessOptions, version: string): Identity {
  const { cluster, secretFile } = options;
  return { cluster, secret: secretFile === undefined ? new Uint8Array(0) : readSecret(secretFile), build: buildName(version), secretBytes };
}

/** How processes of the cluster reach each other: TLS where it has been given certificates. */
export function networkOf(options: ClusterProcessOptions): Network {
  const { tlsCert, tlsKey, tlsCa } = options;
  if (tlsCert === undefined && tlsKey === undefined && tlsCa === undefined) return nodeNetwork;
  if (tlsCert === undefined || tlsKey === undefined || tlsCa === undefined)
    throw new UsageError('TLS needs all of --tls-cert, --tls-key and --tls-ca');
  const files = { cert: readText(tlsCert, '--tls-cert'), key: readText(tlsKey, '--tls-key'), ca: readText(tlsCa, '--tls-ca') };
  try {
    return tlsNetwork(files);
  } catch (error) {
    throw new UsageError(`the files of --tls-cert, --tls-key and --tls-ca cannot be used: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The door for TaskManagers of other processes. */
export function taskManagerRegistry(options: JoiningOptions, identity: Identity, logger: Logger): TaskManagerRegistry {
  const { heartbeatTimeoutMs } = options;
  return new TaskManagerRegistry({
    network: networkOf(options),
    clock: systemClock,
    logger,
    identity,
    listen: listenAddress(options.listenTasks, '--listen-tasks', options),
    heartbeatMs: Math.ceil(heartbeatTimeoutMs / HEARTBEATS_PER_TIMEOUT),
    heartbeatTimeoutMs,
    nextTurn,
  });
}

/** The event loop's next turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Without TLS rows travel in clear, so only programs on this machine may see them. */
export function listenAddress(text: string, option: string, { tlsCert }: ClusterProcessOptions): ServerAddress {
  const address = addressOf(text, option);
  if (tlsCert !== undefined || isLoopback(address.host)) return address;
  throw new UsageError(
    `refusing to listen on "${address.host}" (${option}): connections between processes are not encrypted. Listen on 127.0.0.1, or give --tls-cert, --tls-key and --tls-ca.`,
  );
}

/** Addresses with commas between. */
export function addressesOf(text: string, option: string): ServerAddress[] {
  return text.split(',').map((part) => addressOf(part.trim(), option));
}

function addressOf(text: string, option: string): ServerAddress {
  try {
    return parseAddress(text);
  } catch (error) {
    throw error instanceof SqlError ? new UsageError(`${option}: ${error.message}. ${error.hint}`) : error;
  }
}

function readSecret(file: string): Uint8Array {
  const secret = new TextEncoder().encode(readText(file, '--secret-file').trim());
  if (secret.length < SECRET_BYTES_MIN)
    throw new UsageError(`the secret in ${file} has ${secret.length} bytes, it needs at least ${SECRET_BYTES_MIN}; try openssl rand -hex 32`);
  return secret;
}

function readText(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read the file of ${option}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Version and content of the program: two processes with the same name run the same operators on the same state. */
function buildName(version: string): string {
  const keys = ['cli.cjs', 'slot.cjs'].map((name) => readFileSync(join(import.meta.dirname, name), 'latin1').slice(-KEY_LENGTH, -KEY_LENGTH / 2));
  return `${version}+${keys.join('.')}`;
}
