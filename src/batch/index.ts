/**
 * Columnar rows and what else travels on a channel: Batch, Column, weights, Watermark, Barrier; builders, gathering,
 * hashing, grouping, wire encoding and text rendering of batches; the WASM kernels and their TypeScript twins (./kernels).
 *
 * Knows types, nothing else: no expressions, no operators.
 *
 * Laws
 * - A Batch and everything it refers to is immutable once emitted.
 * - Absent weights mean +1 for every row; no weight is 0.
 *
 * Start reading at column.ts, then batch.ts.
 */
export { ascendingRows } from './ascending-rows.ts';
export { BATCH_ROWS_TARGET, Batch } from './batch.ts';
export { BatchBuilder, batchFromRows } from './batch-builder.ts';
export { BytesColumn, type Column, FixedColumn, isNull } from './column.ts';
export { ColumnBuilder, columnFromDatums } from './column-builder.ts';
export { compareRows, compareStored, sortRows } from './compare-rows.ts';
export { RangeCopier } from './copy-bytes.ts';
export { decodeBatch, encodeBatch, encodedSize, readBatchFrom, writeBatchTo } from './encode-batch.ts';
export {
  compactBatch,
  concatBatches,
  copyBytesColumn,
  gatherBatch,
  gatherColumn,
  gatherInt32,
  projectBatch,
  sliceBatch,
} from './gather.ts';
export { GroupIndex } from './group-index/index.ts';
export { hashRows } from './hash-rows.ts';
export { int64Number } from './int64-number.ts';
export {
  type JsonMessages,
  JsonReader,
  type JsonRowTokens,
  type JsonRowValues,
  JsonRowWriter,
  type JsonScanColumn,
  type JsonScanField,
  type JsonScanKind,
  JsonScanner,
  type JsonScanResult,
  type JsonValueKind,
  jsonStringBytes,
  jsonValueEnd,
  KeySplitter,
  skipJsonSpace,
} from './kernels/index.ts';
export { canonicalKeyColumn, keyColumns, presentableKeyColumn } from './key-columns.ts';
export { keyGroupOf, keyGroupRange, rowsByTarget, subtaskOfKeyGroup } from './key-group.ts';
export { orderByTarget } from './order-by-target.ts';
export { readDatum, rowsOf } from './read-datum.ts';
export {
  type Barrier,
  type Closing,
  type DataElement,
  type Epoch,
  MAX_WATERMARK,
  MIN_WATERMARK,
  type StreamElement,
  type Watermark,
} from './stream-element.ts';
export { decodeValue, encodeValue, isTextStorage } from './value-codec.ts';
