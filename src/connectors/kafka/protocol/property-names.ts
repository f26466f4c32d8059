/** Names understood by connectionOptions (Java client and librdkafka). */
export const connectionProperties: ReadonlySet<string> = new Set([
  'bootstrap.servers',
  'bootstrap.server',
  'client.id',
  'security.protocol',
  'sasl.mechanism',
  'sasl.jaas.config',
  'sasl.username',
  'sasl.password',
  'ssl.ca.pem',
  'ssl.ca.location',
  'ssl.truststore.certificates',
  'ssl.truststore.location',
  'ssl.truststore.type',
  'ssl.certificate.pem',
  'ssl.certificate.location',
  'ssl.keystore.certificate.chain',
  'ssl.keystore.location',
  'ssl.keystore.type',
  'ssl.keystore.key',
  'ssl.key.pem',
  'ssl.key.location',
  'ssl.key.password',
  'ssl.endpoint.identification.algorithm',
  'enable.ssl.certificate.verification',
  'socket.connection.setup.timeout.ms',
  'request.timeout.ms',
]);

/** Names understood by fetcherOptions and producerSettings. */
export const otherProperties: ReadonlySet<string> = new Set([
  'isolation.level',
  'fetch.max.wait.ms',
  'fetch.min.bytes',
  'fetch.max.bytes',
  'max.partition.fetch.bytes',
  'metadata.max.age.ms',
  'compression.type',
  'delivery.timeout.ms',
  'max.in.flight.requests.per.connection',
  'transaction.timeout.ms',
]);

/**
 * Names that are common in programs for Flink and change nothing here, for the reason given: offsets live in checkpoints, not
 * in a consumer group; a producer is always idempotent and waits for all replicas.
 */
export const ineffectiveProperties: ReadonlySet<string> = new Set([
  'group.id',
  'group.instance.id',
  'auto.offset.reset',
  'enable.auto.commit',
  'auto.commit.interval.ms',
  'partition.discovery.interval.ms',
  'acks',
  'enable.idempotence',
  'retries',
  'linger.ms',
  'batch.size',
]);
