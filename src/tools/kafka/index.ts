/**
 * A real Apache Kafka (KRaft, one node) from Maven jars, for tests and for `npm run kafka`.
 *
 * Plain JavaScript, because `npm run kafka` has to work before anything is built; broker.d.mts holds the types. It is no
 * mock and no part of the product: nothing under src/ outside tests, tools and benches may import it.
 *
 * Laws
 * - A port is chosen free unless one was asked for, and a broker counts as ready only when it names the cluster id it was
 *   started with: a test can never talk to somebody else's broker.
 * - No broker outlives its process, not even one that is killed (see spawnWithParent).
 * - What is cached (`FSQL_CACHE`, otherwise .cache/) is renamed into place whole, so concurrent starts are safe.
 *
 * Start reading at broker.mjs, then kafka-installation.mjs.
 */
export { type BrokerOptions, kafkaUnavailableReason, type RunningBroker, reasonToSkipKafkaTests, startBroker } from './broker.mjs';
