import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import Broker from 'kafkajs/src/broker/index.js';
import { createLogger } from 'kafkajs/src/loggers/index.js';
import ConnectionPool, { type EncodedBody } from 'kafkajs/src/network/connectionPool.js';
import { type Clock, SqlError, SqlState } from '../../../base/index.ts';
import { AnswerReceiver } from './answer-receiver.ts';
import type { ConnectionOptions as KafkaConnectionOptions } from './connection-options.ts';
import { authenticationFailure, connectionFailure, connectionLost } from './kafka-error.ts';
import type { ReceiveBuffers } from './receive-buffers.ts';
import { type ProtocolRequest, type ThrottledAnswer, WireReader, WireWriter } from './wire/index.ts';

const KEEP_ALIVE_MS = 60_000;
const FETCH_API_KEY = 1;
/** Answer => length INT32, correlation_id INT32, payload */
const AnswerPosition = { correlationId: 4, payload: 8 } as const;
const silent = createLogger({ level: 0, logCreator: () => () => undefined });

/** Requests to one broker, from the first until the first failure. */
export interface Link {
  readonly address: string;
  readonly closed: boolean;
  /** `waitMs` is how long the broker itself may take before it answers, on top of the request timeout. */
  send<Answer extends ThrottledAnswer>(request: ProtocolRequest<Answer>, waitMs?: number): Promise<Answer>;
  /** Ends every connection at once; requests under way fail. Idempotent. */
  close(): void;
}

/** How links are made: over the network, or to a model of a broker. */
export type OpenLink = (
  target: { readonly host: string; readonly port: number },
  options: KafkaConnectionOptions,
  parts: { readonly clock: Clock; readonly buffers: ReceiveBuffers },
) => Link;

export const networkLink: OpenLink = (target, options, parts) => new BrokerLink(target, options, parts);

/**
 * The connections to one broker, from the first request until the first failure.
 *
 * A link never reconnects: after a broken connection or a request without an answer nothing can be said about what the broker
 * still does with older requests, so the link is thrown away and the next request makes a new one. Errors of the connection
 * come out as SqlError 08006, refused credentials as 28P01; error codes inside answers are the caller's.
 */
class BrokerLink implements Link {
  readonly address: string;
  readonly #pool: ConnectionPool;
  readonly #broker: Broker;
  readonly #clock: Clock;
  readonly #options: KafkaConnectionOptions;
  readonly #buffers: ReceiveBuffers;
  readonly #sockets = new Set<Socket>();
  readonly #opening: (Promise<unknown> | undefined)[] = [];
  #connected: Promise<void> | undefined;
  #closed = false;

  constructor(
    target: { readonly host: string; readonly port: number },
    options: KafkaConnectionOptions,
    parts: { readonly clock: Clock; readonly buffers: ReceiveBuffers },
  ) {
    this.address = `${target.host}:${target.port}`;
    this.#clock = parts.clock;
    this.#buffers = parts.buffers;
    this.#options = options;
    this.#pool = new ConnectionPool({
      ...target,
      clientId: options.clientId,
      logger: silent,
      socketFactory: (to) => this.#openSocket(to),
      connectionTimeout: options.connectTimeoutMs,
      requestTimeout: options.requestTimeoutMs,
      ...(options.tls === undefined ? {} : { ssl: options.tls }),
      ...(options.sasl === undefined ? {} : { sasl: { ...options.sasl } }),
    });
    this.#broker = new Broker({
      connectionPool: this.#pool,
      logger: silent,
      authenticationTimeout: options.connectTimeoutMs,
      allowAutoTopicCreation: false,
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Connects, agrees on versions and authenticates; shared by concurrent callers. */
  connect(): Promise<void> {
    this.#connected ??= this.#withLimit(this.#broker.connect(), this.#options.connectTimeoutMs).catch((error: unknown) => {
      this.close();
      throw isRefusal(error) ? authenticationFailure(this.address, error) : connectionFailure(this.address, error);
    });
    return this.#connected;
  }

  async send<Answer extends ThrottledAnswer>(request: ProtocolRequest<Answer>, waitMs = 0): Promise<Answer> {
    await this.connect();
    this.#checkSupport(request);
    try {
      await this.#openConnection(request.api.key === FETCH_API_KEY ? 1 : 0);
      return await this.#pool.send(this.#exchange(request, this.#options.requestTimeoutMs + waitMs));
    } catch (error) {
      this.close();
      if (error instanceof SqlError) throw error;
      throw connectionLost(this.address, error);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const reason = new Error('connection closed');
    for (const socket of this.#sockets) socket.destroy(reason);
    // Stops the timers of connections that had no socket to fail on.
    this.#broker.disconnect().catch(() => undefined);
  }

  /** Two requests that find a connection closed must not open it twice. */
  async #openConnection(index: number): Promise<void> {
    if (this.#pool.pool[index]!.isConnected()) return;
    this.#opening[index] ??= this.#pool.getConnection(index).finally(() => {
      this.#opening[index] = undefined;
    });
    await this.#opening[index];
  }

  #checkSupport(request: ProtocolRequest<ThrottledAnswer>): void {
    const { key, name, version } = request.api;
    const offered = this.#broker.versions?.[key];
    if (offered !== undefined && version >= offered.minVersion && version <= offered.maxVersion) return;
    const range = offered === undefined ? 'does not offer it' : `offers versions ${offered.minVersion} to ${offered.maxVersion}`;
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `Kafka at "${this.address}" does not understand ${name} version ${version}`,
      detail: `The broker ${range}.`,
      hint: 'Kafka 2.4 up to 4.x is supported.',
      class: 'external',
    });
  }

  #exchange<Answer extends ThrottledAnswer>(request: ProtocolRequest<Answer>, requestTimeout: number) {
    return {
      request: {
        apiKey: request.api.key,
        apiVersion: request.api.version,
        apiName: request.api.name,
        encode: async (): Promise<EncodedBody> => {
          const writer = new WireWriter();
          request.encode(writer);
          const body = writer.finish();
          return { buf: body, buffer: body };
        },
      },
      response: {
        decode: async (body: Buffer) => {
          const answer = request.decode(new WireReader(body));
          return { answer, clientSideThrottleTime: answer.throttleTimeMs };
        },
        parse: async (decoded: { answer: Answer }) => decoded.answer,
      },
      requestTimeout,
      logResponseError: false,
    };
  }

  #openSocket({
    host,
    port,
    ssl,
    onConnect,
  }: {
    host: string;
    port: number;
    ssl: ConnectionOptions | null | undefined;
    onConnect: () => void;
  }): Socket {
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = ssl ? connectTls({ host, port, ...name, ...ssl }, onConnect) : this.#openPlainSocket({ host, port }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    // Requests are written whole and several may be under way: waiting for a fuller packet only adds latency.
    socket.setNoDelay(true);
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.close();
    });
    if (this.#closed) socket.destroy(new Error('connection closed'));
    return socket;
  }

  /** Reads into our own buffers and gives kafkajs whole answers, which it would otherwise put together from pieces. */
  #openPlainSocket(target: { host: string; port: number }, onConnect: () => void): Socket {
    const receiver = new AnswerReceiver(this.#buffers, {
      answer: (bytes, large) => {
        if (large) this.#fulfill(socket, bytes);
        else socket.emit('data', bytes);
      },
      damaged: (length) => socket.destroy(new Error(`the broker sent an answer of ${length} bytes`)),
    });
    const onread = {
      buffer: () => receiver.target(),
      callback: (byteCount: number) => {
        receiver.filled(byteCount);
        return true;
      },
    };
    const socket = connectTcp({ ...target, onread }, onConnect);
    return socket;
  }

  /** Goes past the pieces that kafkajs collects: it would copy them all once more. */
  #fulfill(socket: Socket, bytes: Buffer): void {
    const connection = this.#pool.pool.find((candidate) => candidate.socket === socket);
    connection?.requestQueue.fulfillRequest({
      size: bytes.length - AnswerPosition.correlationId,
      correlationId: bytes.readInt32BE(AnswerPosition.correlationId),
      payload: bytes.subarray(AnswerPosition.payload),
    });
  }

  #withLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.after(limitMs, () => reject(new Error(`no answer within ${limitMs} ms`)));
      work.then(resolve, reject).finally(() => timer.cancel());
    });
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === 'KafkaJSSASLAuthenticationError';
}
