import { ByteReader, ByteWriter } from '../../base/index.ts';
import { type Batch, decodeBatch, type Epoch, encodeBatch } from '../../batch/index.ts';

/** What a sink has for its table in one epoch. */
export interface EpochOfRows {
  readonly epoch: Epoch;
  readonly rows: Batch;
}

/** u32 count, then of each its epoch as f64 and its encoded batch behind a u32 length. */
export function encodeEpochs(epochs: readonly EpochOfRows[]): Uint8Array {
  const writer = new ByteWriter(1024);
  writer.uint32(epochs.length);
  for (const { epoch, rows } of epochs) {
    writer.float64(epoch);
    writer.block(encodeBatch(rows));
  }
  return writer.take();
}

export function decodeEpochs(bytes: Uint8Array): EpochOfRows[] {
  const reader = new ByteReader(bytes);
  return Array.from({ length: reader.uint32() }, () => ({ epoch: reader.float64(), rows: decodeBatch(reader.block()) }));
}
