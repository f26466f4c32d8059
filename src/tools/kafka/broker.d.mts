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
}

export interface RunningBroker {
  readonly bootstrapServers: string;
  readonly clusterId: string;
  readonly pid: number | undefined;
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
