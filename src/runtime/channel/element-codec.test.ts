import { expect, it } from 'vitest';
import type { Barrier, Watermark } from '../../batch/index.ts';
import { decodeFrame, encodeControl, FRAME_HEADER_BYTES } from './element-codec.ts';

const plain: Barrier = { kind: 'barrier', epoch: 2 ** 40, timestampMicros: -5n, checkpoint: false, last: false };

/** Kind of a frame: the second word of its header. */
const KIND_AT = 4;

function throughFrame(element: Watermark | Barrier): unknown {
  const frame = encodeControl(element);
  const kind = new DataView(frame.buffer, frame.byteOffset).getUint32(KIND_AT, true);
  return decodeFrame(kind, frame.subarray(FRAME_HEADER_BYTES));
}

it.each<Watermark | Barrier>([
  { kind: 'watermark', micros: -1n },
  plain,
  { ...plain, checkpoint: true },
  { ...plain, last: true },
  { ...plain, history: true },
  { ...plain, checkpoint: true, last: true, history: true },
])('a frame keeps %o', (element) => {
  expect(throughFrame(element)).toEqual(element);
});
