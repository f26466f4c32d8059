/**
 * The parts of kafkajs 2.2.4 that this folder uses beyond its public interface: one broker with its connections (TCP, TLS,
 * SASL, correlation of requests and answers). The version is pinned exactly, because none of this is promised by kafkajs.
 */
declare module 'kafkajs/src/broker/index.js' {
  import type { KafkajsLogger } from 'kafkajs/src/loggers/index.js';
  import type ConnectionPool from 'kafkajs/src/network/connectionPool.js';

  interface BrokerSettings {
    connectionPool: ConnectionPool;
    logger: KafkajsLogger;
    authenticationTimeout: number;
    allowAutoTopicCreation: boolean;
  }

  export default class Broker {
    constructor(settings: BrokerSettings);
    /** Offered versions by API key; null before `connect`. */
    readonly versions: Readonly<Record<string, { readonly minVersion: number; readonly maxVersion: number }>> | null;
    readonly connectionPool: ConnectionPool;
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    isConnected(): boolean;
  }
}

declare module 'kafkajs/src/network/connectionPool.js' {
  import type { Socket } from 'node:net';
  import type { ConnectionOptions } from 'node:tls';
  import type { KafkajsLogger } from 'kafkajs/src/loggers/index.js';

  export interface ConnectionPoolSettings {
    host: string;
    port: number;
    clientId: string;
    logger: KafkajsLogger;
    socketFactory(target: { host: string; port: number; ssl: ConnectionOptions | null | undefined; onConnect: () => void }): Socket;
    connectionTimeout: number;
    requestTimeout: number;
    ssl?: ConnectionOptions;
    sasl?: { readonly mechanism: string; readonly username: string; readonly password: string };
  }

  /** What `encode` returns: kafkajs copies `buffer` behind the request header. */
  export interface EncodedBody {
    readonly buf: Buffer;
    readonly buffer: Buffer;
  }

  export interface ProtocolExchange<Answer> {
    request: { apiKey: number; apiVersion: number; apiName: string; encode(): Promise<EncodedBody> };
    response: {
      decode(body: Buffer): Promise<{ clientSideThrottleTime: number; answer: Answer }>;
      parse(decoded: { answer: Answer }): Promise<Answer>;
    };
    requestTimeout: number;
    logResponseError: boolean;
  }

  interface PooledConnection {
    readonly socket: Socket | null;
    /** Gives an answer to whoever has asked: what `data` events of the socket come to. `payload` begins behind the correlation id. */
    readonly requestQueue: { fulfillRequest(answer: { size: number; correlationId: number; payload: Buffer }): void };
    isConnected(): boolean;
  }

  /** Two connections to one broker: the second carries Fetch only, so that a long poll holds up nothing else. */
  export default class ConnectionPool {
    constructor(settings: ConnectionPoolSettings);
    readonly pool: readonly PooledConnection[];
    getConnection(index: number): Promise<unknown>;
    send<Answer>(exchange: ProtocolExchange<Answer>): Promise<Answer>;
  }
}

declare module 'kafkajs/src/loggers/index.js' {
  export interface KafkajsLogger {
    namespace(name: string): KafkajsLogger;
  }
  export function createLogger(options: { level: number; logCreator: () => () => void }): KafkajsLogger;
}

declare module 'kafkajs/src/protocol/error.js' {
  /** Name and explanation of a protocol error code. */
  export function createErrorFromCode(code: number): Error & { readonly type: string; readonly retriable: boolean };
}
