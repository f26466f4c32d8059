/** Types of broker.mjs, which is plain JavaScript so that it runs before anything is built. */
export interface BrokerOptions {
  /** A fixed port; without it a free one is chosen. */
  readonly port?: number;
  /** Kept after `stop`; without it a temporary directory is used and removed. */
  readonly dataDirectory?: string;
  /** Added to, or replacing, the lines of server.properties. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Java heap, default 256. */
  readonly heapMb?: number;
  /** A second listener with SASL (PLAIN, SCRAM-SHA-256, SCRAM-SHA-512); passwords by user name. */
  readonly sasl?: { readonly plainUsers?: Readonly<Record<string, string>>; readonly scramUsers?: Readonly<Record<string, string>> };
  /** A further listener with TLS and a certificate made for it; needs openssl. */
  readonly tls?: boolean;
}

export interface RunningBroker {
  readonly bootstrapServers: string;
  readonly clusterId: string;
  readonly pid: number | undefined;
  /** Bootstrap servers of the SASL listener, when `sasl` was given. */
  readonly saslServers: string | undefined;
  /** Bootstrap servers of the TLS listener, when `tls` was given. */
  readonly tlsServers: string | undefined;
  /** PEM file of the authority that signed the certificate of the TLS listener. */
  readonly authorityFile: string | undefined;
  /** Orderly end (SIGTERM); a temporary data directory is removed. Idempotent. */
  stop(): Promise<void>;
  /** SIGKILL; the data stays. */
  kill(): Promise<void>;
  /** Stops if needed and starts again on the same port and data. */
  restart(): Promise<void>;
}

/** Resolves when the broker answers and names the cluster id it was started with. */
export function startBroker(options?: BrokerOptions): Promise<RunningBroker>;

/** Why no broker can be started on this machine, or undefined. */
export function kafkaUnavailableReason(): Promise<string | undefined>;

/**
 * Why tests that need Kafka have to be skipped (printed too), or undefined. Rejects instead of giving a reason where
 * FSQL_REQUIRE_KAFKA=1.
 */
export function reasonToSkipKafkaTests(): Promise<string | undefined>;
