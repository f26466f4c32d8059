import { assert } from '../../base/index.ts';
import type { BellPull } from './doorbell.ts';

const HEAD = 0;
const TAIL = 1;
/** Free bytes the writer wants to hear of; 0 when it does not wait. */
const ROOM_WANTED = 2;
/** The words lie on a cache line of their own in front of the bytes. */
const HEADER_BYTES = 64;

/** Shared memory of a ring that carries `capacity` bytes (a multiple of 8, below 2^30). */
export function ringMemory(capacity: number): SharedArrayBuffer {
  assert(capacity % 8 === 0 && capacity >= 64 && capacity < 2 ** 30, `ring of ${capacity} bytes`);
  return new SharedArrayBuffer(HEADER_BYTES + capacity);
}

/**
 * Both ends of a ring of bytes between two threads, one writer and one reader. Head and tail count bytes modulo 2^32; each end
 * writes only its own. The free space is the credit of the channel: nothing is queued anywhere else.
 */
export class Ring {
  readonly bytes: Uint8Array;
  readonly capacity: number;
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory, 0, HEADER_BYTES / 4);
    this.bytes = new Uint8Array(memory, HEADER_BYTES);
    this.capacity = this.bytes.length;
  }

  /** Bytes that can be read. */
  available(): number {
    return (Atomics.load(this.#words, TAIL) - Atomics.load(this.#words, HEAD)) | 0;
  }

  free(): number {
    return this.capacity - this.available();
  }

  /** Offset into `bytes` where the next written byte goes. */
  writeOffset(): number {
    return (Atomics.load(this.#words, TAIL) >>> 0) % this.capacity;
  }

  readOffset(): number {
    return (Atomics.load(this.#words, HEAD) >>> 0) % this.capacity;
  }

  /** Publishes `count` bytes written at writeOffset(). */
  advanceTail(count: number): void {
    Atomics.add(this.#words, TAIL, count);
  }

  /** Gives `count` bytes back to the writer and wakes it when that makes the room it waits for. */
  advanceHead(count: number, writer: BellPull): void {
    Atomics.add(this.#words, HEAD, count);
    const wanted = Atomics.load(this.#words, ROOM_WANTED);
    if (wanted === 0 || this.free() < wanted) return;
    Atomics.store(this.#words, ROOM_WANTED, 0);
    writer.ring();
  }

  /** Asks the reader to ring when `bytes` (at least 1, at most the capacity) are free. To be asked before one looks: room made in between is not told. */
  requestRoom(bytes: number): void {
    Atomics.store(this.#words, ROOM_WANTED, bytes);
  }

  /** Copies what fits of `source[from..]` into the ring, wrapping around; returns the bytes copied. */
  write(source: Uint8Array, from: number): number {
    const count = Math.min(this.free(), source.length - from);
    const offset = this.writeOffset();
    const first = Math.min(count, this.capacity - offset);
    this.bytes.set(source.subarray(from, from + first), offset);
    if (first < count) this.bytes.set(source.subarray(from + first, from + count), 0);
    this.advanceTail(count);
    return count;
  }

  /** Copies what is there, at most to the end of `target`, from `target[at]`; returns the bytes copied. */
  read(target: Uint8Array, at: number, writer: BellPull): number {
    const count = Math.min(this.available(), target.length - at);
    if (count === 0) return 0;
    const offset = this.readOffset();
    const first = Math.min(count, this.capacity - offset);
    target.set(this.bytes.subarray(offset, offset + first), at);
    if (first < count) target.set(this.bytes.subarray(0, count - first), at + first);
    this.advanceHead(count, writer);
    return count;
  }
}
