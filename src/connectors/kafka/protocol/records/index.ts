/**
 * Kafka's record batches (message format 2) to columns and back, and the partitioner that fits the Java client's.
 *
 * Pure functions over bytes: no sockets, no clock. Nothing here knows what a key or a value means.
 *
 * Laws
 * - No copy on the way in: columns point into the fetched bytes, or into the inflated bytes of a compressed batch.
 * - A batch whose checksum does not fit is never read (DamagedBatchError); a batch cut off by the fetch size is no damage.
 * - The next offset moves past control, aborted and compacted-away records too, and never backwards.
 * - Offsets and timestamps are numbers, exact below 2^53; bigint appears only at the edge of the connection.
 *
 * Start reading at record-batch-layout.ts, then record-batch-reader.ts.
 * References: kafka.apache.org/documentation, "Message Format"; KIP-98 (transactions).
 */
export { type Compression, compressionNames } from './compression.ts';
export { type BatchPlace, DamagedBatchError } from './damaged-batch-error.ts';
export type { AbortedTransaction, FetchedPartition, IsolationLevel } from './fetched-partition.ts';
export { KeylessPartitioner, partitionForKey } from './partitioner.ts';
export { type EncodedBatch, type ProducerStamp, RecordBatchEncoder, type RecordSlices, stampBatch } from './record-batch-encoder.ts';
export { offsetAfter, RecordBatchReader } from './record-batch-reader.ts';
export { RecordColumns } from './record-columns.ts';
export { type RecordHeader, readHeaders } from './record-headers.ts';
export { prepareZstd } from './zstd.ts';
