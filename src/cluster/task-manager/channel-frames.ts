import { FRAME_BYTES_MAX, FrameBuilder } from '../rpc/index.ts';

/*
 * Frames of a connection that carries channels, one direction of rows a connection. All begin with u32 number of the channel.
 *   open    the channel's id as UTF-8; the id names job, attempt, edge and both subtasks
 *   data    bytes of the sender's ring (runtime/channel/element-codec.ts), cut anywhere
 *   credit  u32 bytes the receiver has room for, from receiver to sender
 *   close   nothing: the channel is over
 */
export const OPEN = 32;
export const DATA = 33;
export const CREDIT = 34;
export const CLOSE = 35;

export const DATA_HEADER_BYTES = 4;
export const DATA_BYTES_MAX = FRAME_BYTES_MAX / 4;

export function openFrame(channel: number, id: string): Uint8Array {
  return numbered(OPEN, channel, new TextEncoder().encode(id));
}

export function creditFrame(channel: number, bytes: number): Uint8Array {
  const rest = new Uint8Array(4);
  new DataView(rest.buffer).setUint32(0, bytes, true);
  return numbered(CREDIT, channel, rest);
}

export function closeFrame(channel: number): Uint8Array {
  return numbered(CLOSE, channel, new Uint8Array(0));
}

function numbered(kind: number, channel: number, rest: Uint8Array): Uint8Array {
  const frame = new FrameBuilder(kind, DATA_HEADER_BYTES + rest.length);
  new DataView(frame.payload.buffer, frame.payload.byteOffset).setUint32(0, channel, true);
  frame.payload.set(rest, DATA_HEADER_BYTES);
  return frame.seal();
}
