import { type ProducerOptions, producerDefaults } from './idempotent-producer.ts';
import { type FetcherOptions, fetcherDefaults } from './partition-fetcher.ts';
import { invalidProperty, oneOf, type Properties, positiveNumber } from './property-value.ts';
import { type Compression, compressionNames } from './records/index.ts';

export interface ProducerSettings extends ProducerOptions {
  readonly compression: Compression;
  /** How long the broker keeps a transaction open of which it hears nothing. */
  readonly transactionTimeoutMs: number;
}

/** What Java's idempotent producer takes, and its default. It is an upper limit: ours stays one below, so that what is repeated fits the broker's window of five. */
const IN_FLIGHT_MAX = 5;
/** The Java producer's. A transaction holds records that are ready, so it lasts seconds; one that times out is sent again. */
const TRANSACTION_TIMEOUT_MS = 60_000;

/** Reading options from the Java consumer's property names; connectionOptions has checked that no name is unknown. */
export function fetcherOptions(properties: Properties): FetcherOptions {
  return {
    ...fetcherDefaults,
    isolation: oneOf(properties, 'isolation.level', ['read_committed', 'read_uncommitted']) ?? fetcherDefaults.isolation,
    waitMsMax: positiveNumber(properties, 'fetch.max.wait.ms') ?? fetcherDefaults.waitMsMax,
    bytesMin: positiveNumber(properties, 'fetch.min.bytes') ?? fetcherDefaults.bytesMin,
    bytesMax: positiveNumber(properties, 'fetch.max.bytes') ?? fetcherDefaults.bytesMax,
    partitionBytesMax: positiveNumber(properties, 'max.partition.fetch.bytes') ?? fetcherDefaults.partitionBytesMax,
    metadataAgeMsMax: positiveNumber(properties, 'metadata.max.age.ms') ?? fetcherDefaults.metadataAgeMsMax,
  };
}

/** Writing options from the Java producer's property names. */
export function producerSettings(properties: Properties): ProducerSettings {
  const allowed = positiveNumber(properties, 'max.in.flight.requests.per.connection') ?? IN_FLIGHT_MAX;
  if (allowed > IN_FLIGHT_MAX) {
    throw invalidProperty(
      'max.in.flight.requests.per.connection',
      String(allowed),
      `At most ${IN_FLIGHT_MAX} keep the order of an idempotent producer.`,
    );
  }
  return {
    inFlightMax: Math.min(allowed, producerDefaults.inFlightMax),
    deliveryTimeoutMs: positiveNumber(properties, 'delivery.timeout.ms') ?? producerDefaults.deliveryTimeoutMs,
    compression: oneOf(properties, 'compression.type', compressionNames) ?? 'none',
    transactionTimeoutMs: positiveNumber(properties, 'transaction.timeout.ms') ?? TRANSACTION_TIMEOUT_MS,
  };
}
