import { ByteWriter } from '../../base/index.ts';
import { type Batch, encodeBatch, encodedSize, type StreamElement, writeBatchTo } from '../../batch/index.ts';
import type { ChannelReader, ChannelWriter } from './channel.ts';
import type { BellPull } from './doorbell.ts';
import { decodeFrame, encodeControl, FRAME_DATA, FRAME_HEADER_BYTES } from './element-codec.ts';
import { Ring } from './ring.ts';

/** A writer without room is woken when this share of the ring is free, not by every frame that is read. A reader takes all that is there, so it comes to that. */
const ROOM_SHARE = 4;

/** Writes elements into a ring. A frame larger than the free space goes over in parts as the reader makes room. */
export class RingChannelWriter implements ChannelWriter {
  readonly #ring: Ring;
  readonly #receiver: BellPull;
  readonly #waiting: Uint8Array[] = [];
  #sent = 0;

  constructor(memory: SharedArrayBuffer, receiver: BellPull) {
    this.#ring = new Ring(memory);
    this.#receiver = receiver;
  }

  write(element: StreamElement): void {
    if (element.kind !== 'data') this.#writeFrame(encodeControl(element));
    else if (!this.#writeDirectly(element.batch)) this.#writeFrame(dataFrame(element.batch));
    this.#receiver.ring();
  }

  hasCredit(): boolean {
    if (this.#waiting.length === 0 && this.#ring.free() > 0) return true;
    this.#ring.requestRoom(this.#ring.capacity / ROOM_SHARE);
    return this.#waiting.length === 0 && this.#ring.free() > 0;
  }

  flush(): boolean {
    if (this.#waiting.length === 0) return true;
    this.#ring.requestRoom(this.#ring.capacity / ROOM_SHARE);
    let moved = 0;
    while (this.#waiting.length > 0) {
      const frame = this.#waiting[0]!;
      const count = this.#ring.write(frame, this.#sent);
      moved += count;
      this.#sent += count;
      if (this.#sent < frame.length) break;
      this.#waiting.shift();
      this.#sent = 0;
    }
    if (moved > 0) this.#receiver.ring();
    return this.#waiting.length === 0;
  }

  /** The usual case: the frame fits without wrapping, and the batch is encoded straight into shared memory. */
  #writeDirectly(batch: Batch): boolean {
    if (this.#waiting.length > 0) return false;
    const size = encodedSize(batch);
    const offset = this.#ring.writeOffset();
    const frameBytes = FRAME_HEADER_BYTES + size;
    if (frameBytes > this.#ring.free() || offset + frameBytes > this.#ring.capacity) return false;
    const header = new DataView(this.#ring.bytes.buffer, this.#ring.bytes.byteOffset + offset, FRAME_HEADER_BYTES);
    header.setUint32(0, size, true);
    header.setUint32(4, FRAME_DATA, true);
    writeBatchTo(batch, this.#ring.bytes, offset + FRAME_HEADER_BYTES);
    this.#ring.advanceTail(frameBytes);
    return true;
  }

  #writeFrame(frame: Uint8Array): void {
    this.#waiting.push(frame);
    this.flush();
  }
}

/** Reads elements out of a ring; the bytes are copied out before they are decoded, since batches are kept by operators. */
export class RingChannelReader implements ChannelReader {
  readonly #ring: Ring;
  readonly #sender: BellPull;
  #kind = 0;
  #payload: Uint8Array | null = null;
  #received = 0;

  constructor(memory: SharedArrayBuffer, sender: BellPull) {
    this.#ring = new Ring(memory);
    this.#sender = sender;
  }

  read(): StreamElement | null {
    if (this.#payload === null && !this.#readHeader()) return null;
    const payload = this.#payload!;
    this.#received += this.#ring.read(payload, this.#received, this.#sender);
    if (this.#received < payload.length) return null;
    this.#payload = null;
    return decodeFrame(this.#kind, payload);
  }

  #readHeader(): boolean {
    if (this.#ring.available() < FRAME_HEADER_BYTES) return false;
    const header = new Uint8Array(FRAME_HEADER_BYTES);
    this.#ring.read(header, 0, this.#sender);
    const view = new DataView(header.buffer);
    this.#payload = new Uint8Array(view.getUint32(0, true));
    this.#kind = view.getUint32(4, true);
    this.#received = 0;
    return true;
  }
}

function dataFrame(batch: Batch): Uint8Array {
  const encoded = encodeBatch(batch);
  const writer = new ByteWriter(encoded.length + FRAME_HEADER_BYTES);
  writer.uint32(encoded.length);
  writer.uint32(FRAME_DATA);
  writer.raw(encoded);
  return writer.take();
}
