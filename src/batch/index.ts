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
export { BATCH_ROWS_TARGET, Batch } from './batch.ts';
export { BytesColumn, type Column, FixedColumn, isNull } from './column.ts';
export { type Barrier, type DataElement, type Epoch, MAX_WATERMARK, MIN_WATERMARK, type StreamElement, type Watermark } from './stream-element.ts';
