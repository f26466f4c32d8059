import { assert, ByteReader, ByteWriter } from '../../base/index.ts';
import { type Barrier, decodeBatch, type StreamElement, type Watermark } from '../../batch/index.ts';

/*
 * A frame of a ring: u32 bytes of the payload (a multiple of 8), u32 kind, payload.
 *   kind 1 data: an encoded batch
 *   kind 2 watermark: i64 micros
 *   kind 3 barrier: f64 epoch, i64 timestamp micros, u32 flags (bit 0 checkpoint, bit 1 last, bit 2 history), u32 zero
 * Sizes are multiples of 8, so that batches lie aligned and a header never wraps.
 */
export const FRAME_HEADER_BYTES = 8;
export const FRAME_DATA = 1;
const FRAME_WATERMARK = 2;
const FRAME_BARRIER = 3;
const FLAG_CHECKPOINT = 1;
const FLAG_LAST = 2;
const FLAG_HISTORY = 4;

/** A watermark or barrier as a whole frame. */
export function encodeControl(element: Watermark | Barrier): Uint8Array {
  const writer = new ByteWriter(40);
  if (element.kind === 'watermark') {
    writer.uint32(8);
    writer.uint32(FRAME_WATERMARK);
    writer.int64(element.micros);
  } else {
    writer.uint32(24);
    writer.uint32(FRAME_BARRIER);
    writer.float64(element.epoch);
    writer.int64(element.timestampMicros);
    writer.uint32((element.checkpoint ? FLAG_CHECKPOINT : 0) | (element.last ? FLAG_LAST : 0) | (element.history === true ? FLAG_HISTORY : 0));
    writer.uint32(0);
  }
  return writer.take();
}

export function decodeFrame(kind: number, payload: Uint8Array): StreamElement {
  if (kind === FRAME_DATA) return { kind: 'data', batch: decodeBatch(payload) };
  const reader = new ByteReader(payload);
  if (kind === FRAME_WATERMARK) return { kind: 'watermark', micros: reader.int64() };
  assert(kind === FRAME_BARRIER, `frame of kind ${kind} in a ring`);
  const epoch = reader.float64();
  const timestampMicros = reader.int64();
  const flags = reader.uint32();
  const barrier: Barrier = { kind: 'barrier', epoch, timestampMicros, checkpoint: (flags & FLAG_CHECKPOINT) !== 0, last: (flags & FLAG_LAST) !== 0 };
  return (flags & FLAG_HISTORY) === 0 ? barrier : { ...barrier, history: true };
}
