/** Starts, kills and restarts one real Apache Kafka broker; see index.ts for the laws and broker.d.mts for the types. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, isPortFree, signalAndWait, stopProcess, waitUntilServing } from './broker-process.mjs';
import { makeCertificates } from './certificates.mjs';
import { formatDirectory, javaArguments, kafkaUnavailableReason, prepareKafka } from './kafka-installation.mjs';
import { scramArguments, serverProperties } from './server-properties.mjs';

export { kafkaUnavailableReason };

/**
 * For tests: why they have to be skipped, or undefined. Where FSQL_REQUIRE_KAFKA=1 a missing Kafka is a failure instead, so
 * that nobody takes silence for success.
 */
export async function reasonToSkipKafkaTests() {
  const reason = await kafkaUnavailableReason();
  if (reason === undefined) return undefined;
  if (process.env.FSQL_REQUIRE_KAFKA === '1') throw new Error(`FSQL_REQUIRE_KAFKA=1, but ${reason}`);
  process.stderr.write(`skipping the tests that need Apache Kafka: ${reason}\n`);
  return reason;
}

/** It takes seconds; a machine with much other work makes minutes of them. */
const START_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 15_000;
const START_ATTEMPTS_MAX = 3;
const LOG_TAIL_BYTES = 8_192;

/** Broker processes of this process and their temporary directories; neither outlives it. */
const running = new Set();
const temporaryDirectories = new Set();
let exitHandlerInstalled = false;

export async function startBroker(options = {}) {
  if (options.port !== undefined && !(await isPortFree(options.port))) {
    throw new Error(`port ${options.port} of 127.0.0.1 is in use; choose another one with --port`);
  }
  const installation = await prepareKafka();
  for (let attempt = 1; ; attempt++) {
    const broker = new BrokerHandle(installation, options, await choosePorts(options));
    try {
      await broker.start();
      return broker;
    } catch (error) {
      await broker.stop();
      // Only a port chosen by ourselves can have been taken meanwhile by somebody else.
      if (options.port !== undefined || attempt >= START_ATTEMPTS_MAX) throw error;
    }
  }
}

async function choosePorts({ port }) {
  const [first, controllerPort, saslPort, tlsPort] = await freePorts(4);
  return { port: port ?? first, controllerPort, saslPort, tlsPort };
}

class BrokerHandle {
  #installation;
  #options;
  #ports;
  #directory;
  #keepDirectory;
  #certificates;
  #child;
  #log = '';

  constructor(installation, options, ports) {
    this.#installation = installation;
    this.#options = options;
    this.#ports = ports;
    this.#keepDirectory = options.dataDirectory !== undefined;
    this.#directory = options.dataDirectory ?? mkdtempSync(join(tmpdir(), 'fsql-kafka-'));
    if (!this.#keepDirectory) temporaryDirectories.add(this.#directory);
    this.clusterId = this.#prepareDirectory();
  }

  get bootstrapServers() {
    return `127.0.0.1:${this.#ports.port}`;
  }

  /** Present when users were given. */
  get saslServers() {
    return this.#options.sasl === undefined ? undefined : `127.0.0.1:${this.#ports.saslPort}`;
  }

  /** Present when TLS was asked for. */
  get tlsServers() {
    return this.#options.tls ? `127.0.0.1:${this.#ports.tlsPort}` : undefined;
  }

  /** PEM file with the certificate of the authority that signed the broker's. */
  get authorityFile() {
    return this.#certificates?.authorityFile;
  }

  get pid() {
    return this.#child?.pid;
  }

  async start() {
    const configuration = await this.#configure();
    const launch = { ...this.#installation, heapMb: this.#options.heapMb ?? 256 };
    this.#child = spawnWithParent(this.#keepDirectory ? undefined : this.#directory, 'java', javaArguments(launch, ['kafka.Kafka', configuration]));
    this.#collectLog();
    const child = this.#child;
    await waitUntilServing({ port: this.#ports.port, clusterId: this.clusterId, child, timeoutMs: START_TIMEOUT_MS, log: () => this.#log });
  }

  async #configure() {
    const { sasl, tls, properties = {} } = this.#options;
    const { port, controllerPort, saslPort, tlsPort } = this.#ports;
    if (tls) this.#certificates ??= await makeCertificates(this.#directory);
    const settings = {
      port,
      controllerPort,
      dataDirectory: this.#data(),
      // Records of tests have times of long ago, and a broker's retention goes by these: it would take some away while a test still reads them.
      properties: this.#keepDirectory ? properties : { 'log.retention.ms': '-1', ...properties },
      ...(sasl === undefined ? {} : { sasl: { ...sasl, port: saslPort } }),
      ...(tls ? { tls: { port: tlsPort, keyStoreFile: this.#certificates.keyStoreFile } } : {}),
    };
    const configuration = join(this.#directory, 'server.properties');
    writeFileSync(configuration, serverProperties(settings));
    if (!existsSync(this.#data())) {
      await formatDirectory(this.#installation, { configuration, clusterId: this.clusterId, extra: scramArguments(sasl) });
    }
    return configuration;
  }

  /** Ends the broker in order and removes its data unless the directory was given. Idempotent. */
  async stop() {
    await this.#end();
    if (this.#keepDirectory) return;
    rmSync(this.#directory, { recursive: true, force: true });
    temporaryDirectories.delete(this.#directory);
  }

  /** Ends the broker as a crash would (SIGKILL); the data stays for `restart`. */
  async kill() {
    if (this.#child !== undefined) await signalAndWait(this.#child, 'SIGKILL');
  }

  /** The same port, cluster id and data. */
  async restart() {
    await this.#end();
    await this.start();
  }

  async #end() {
    if (this.#child !== undefined) await stopProcess(this.#child, STOP_TIMEOUT_MS);
  }

  #data() {
    return join(this.#directory, 'data');
  }

  /** Copies the formatted template under a cluster id of its own, or takes the id of the data that is already there. */
  #prepareDirectory() {
    const metadata = join(this.#data(), 'meta.properties');
    if (existsSync(metadata)) {
      const found = /^cluster\.id=(.*)$/m.exec(readFileSync(metadata, 'utf8'))?.[1];
      if (found !== undefined) return found.trim();
      throw new Error(`${metadata} names no cluster id`);
    }
    mkdirSync(this.#directory, { recursive: true });
    // SCRAM users are part of the formatted data, so the template will not do; #configure formats.
    if (this.#options.sasl !== undefined) return randomBytes(16).toString('base64url');
    cpSync(this.#installation.template, this.#data(), { recursive: true, dereference: true });
    const clusterId = randomBytes(16).toString('base64url');
    const text = readFileSync(metadata, 'utf8').replace(/^cluster\.id=.*$/m, `cluster.id=${clusterId}`);
    writeFileSync(metadata, text);
    return clusterId;
  }

  #collectLog() {
    const collect = (chunk) => {
      this.#log = (this.#log + chunk.toString('utf8')).slice(-LOG_TAIL_BYTES);
    };
    this.#child.stdout.on('data', collect);
    this.#child.stderr.on('data', collect);
  }
}

/**
 * Runs beside the child and reads a pipe whose other end only we hold. When the pipe closes without a word, we are dead, killed
 * perhaps: then the child is ended and the temporary directory ($0, if any) removed.
 */
const WATCHER = `
word=$(cat <&3)
[ -n "$word" ] && exit
kill -TERM $$
n=0
while kill -0 $$ && [ $n -lt 100 ]; do sleep 0.1; n=$((n + 1)); done
kill -KILL $$
[ -n "$0" ] && rm -rf "$0"
`;

/** A child that does not outlive us. `exec` keeps the process id, so signals and the exit code are the child's own. */
function spawnWithParent(temporaryDirectory, command, parameters) {
  const script = `(${WATCHER}) >/dev/null 2>&1 & exec "$@" 3<&-`;
  const child = spawn('/bin/sh', ['-c', script, temporaryDirectory ?? '', command, ...parameters], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  child.stdio[3].on('error', () => undefined);
  // Nothing of the child may keep an otherwise finished parent alive.
  for (const stream of child.stdio) stream?.unref?.();
  child.unref();
  running.add(child);
  child.once('exit', () => {
    running.delete(child);
    child.stdio[3].end('ended');
  });
  installExitHandler();
  return child;
}

function installExitHandler() {
  if (exitHandlerInstalled) return;
  exitHandlerInstalled = true;
  process.on('exit', () => {
    for (const child of running) child.kill('SIGKILL');
    for (const directory of temporaryDirectories) rmSync(directory, { recursive: true, force: true });
  });
}
