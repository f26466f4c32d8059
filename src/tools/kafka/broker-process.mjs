/** Ports, readiness and the end of one broker process. */
import { createConnection, createServer } from 'node:net';

const READY_POLL_MS = 20;
const PROBE_TIMEOUT_MS = 2_000;

/** `count` different free ports of the loopback interface, held open together so that none is given twice. */
export async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, () => listenOn(0)));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

export async function isPortFree(port) {
  try {
    const server = await listenOn(port);
    await new Promise((done) => server.close(done));
    return true;
  } catch {
    return false;
  }
}

function listenOn(port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

/**
 * Resolves when the broker answers and is the one we started: a port may have been taken by somebody else's broker in the
 * moment between choosing and using it. Rejects when the process ends or the time is over.
 */
export async function waitUntilServing({ port, clusterId, child, timeoutMs, log = () => '' }) {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the Kafka broker ended while starting (exit ${child.exitCode ?? child.signalCode})${quoted(log())}`);
    }
    const answered = await probe(port);
    if (answered !== undefined) {
      if (answered !== clusterId) throw new Error(`port ${port} belongs to another Kafka cluster (${answered})`);
      return;
    }
    await new Promise((done) => setTimeout(done, READY_POLL_MS));
  }
  throw new Error(`the Kafka broker did not answer on port ${port} within ${timeoutMs} ms${quoted(log())}`);
}

/** SIGTERM, then SIGKILL when the process does not end in time. */
export async function stopProcess(child, timeoutMs) {
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  await signalAndWait(child, 'SIGTERM');
  clearTimeout(timer);
}

/** Sends a signal and waits for the end; returns at once when the process has ended already. */
export async function signalAndWait(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  // The child does not keep us alive, but this wait has to be seen through.
  child.ref();
  child.kill(signal);
  await ended;
}

/** The cluster id the process behind the port names, or undefined when it does not serve yet. */
async function probe(port) {
  const versions = await request(port, API_VERSIONS_V0);
  if (versions === undefined || versions.length < 6 || versions.readInt16BE(4) !== 0) return undefined;
  const metadata = await request(port, METADATA_V2);
  return metadata === undefined ? undefined : clusterIdOf(metadata);
}

/** api_key INT16, api_version INT16, correlation_id INT32, client_id NULLABLE_STRING (null), body. */
function requestBytes(apiKey, apiVersion, body) {
  const header = Buffer.alloc(10);
  header.writeInt16BE(apiKey, 0);
  header.writeInt16BE(apiVersion, 2);
  header.writeInt32BE(1, 4);
  header.writeInt16BE(-1, 8);
  const size = Buffer.alloc(4);
  size.writeInt32BE(header.length + body.length, 0);
  return Buffer.concat([size, header, body]);
}

const API_VERSIONS_V0 = requestBytes(18, 0, Buffer.alloc(0));
/** Metadata v2 with an empty (not null) topic array: brokers and cluster id only. */
const METADATA_V2 = requestBytes(3, 2, Buffer.alloc(4));

/** correlation_id INT32, brokers ARRAY of (node_id INT32, host STRING, port INT32, rack NULLABLE_STRING), cluster_id NULLABLE_STRING. */
function clusterIdOf(response) {
  let position = 4;
  const text = () => {
    const length = response.readInt16BE(position);
    position += 2 + Math.max(0, length);
    return length < 0 ? undefined : response.toString('utf8', position - length, position);
  };
  const brokerCount = response.readInt32BE(position);
  position += 4;
  if (brokerCount === 0) return undefined;
  for (let broker = 0; broker < brokerCount; broker++) {
    position += 4;
    text();
    position += 4;
    text();
  }
  return text();
}

/** One request on a connection of its own; undefined when it cannot be answered. */
function request(port, bytes) {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' }, () => socket.write(bytes));
    let received = Buffer.alloc(0);
    const finish = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_TIMEOUT_MS, () => finish(undefined));
    socket.on('error', () => finish(undefined));
    socket.on('end', () => finish(undefined));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) finish(received.subarray(4));
    });
  });
}

function quoted(log) {
  return log.trim() === '' ? '' : `\n${log.trim()}`;
}
