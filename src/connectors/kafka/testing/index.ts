/**
 * A Kafka cluster in the process, for simulations and tests: two brokers that speak the bytes of the protocol, keep partitions, idempotent producers and transactions,
 * change leaders, break connections and lose answers, all on a clock and a chance that are given.
 *
 * Not a stand-in where a test says that it runs against Kafka: broker-contract.kafka.test.ts holds it to what the real broker does.
 *
 * Laws
 * - What it acknowledges it keeps; a request it has not taken leaves no trace.
 * - Every rule is the real broker's, with its error code; where that one is slow, this one may be.
 *
 * Beside it, what tests of sinks need: a context, and the records of a batch.
 *
 * Start reading at model-cluster.ts, then model-partition.ts and model-link.ts.
 */
export { type AppendedRecord, MODEL_SERVERS, ModelCluster } from './model-cluster.ts';
export { type LinkFaults, modelLinks, noFaults } from './model-link.ts';
export type { ModelRecord } from './model-partition.ts';
export { jsonSinkContext, recordsOf } from './written-records.ts';
