/** Sizes are rounded up to this, so that answers of nearly one size share their buffers. */
const ROUND_BYTES = 256 * 1024;
const FREE_MAX = 4;

/**
 * Buffers that answers are received in, used again once everybody has done with the records in them: a new buffer for every
 * answer costs its pages anew from the operating system each time, and the garbage collector runs for them.
 *
 * A buffer comes back when every `use` of it has met its `release`. One that is never released is left to the garbage collector.
 */
export class ReceiveBuffers {
  readonly #free: Buffer[] = [];
  readonly #lent = new WeakMap<ArrayBufferLike, { readonly buffer: Buffer; uses: number }>();

  /** At least so many bytes, with anything in them. */
  take(bytes: number): Buffer {
    const index = this.#free.findIndex((buffer) => buffer.length >= bytes);
    // One that is too small makes room for one that will do.
    const [found] = this.#free.splice(Math.max(0, index), 1);
    const buffer = index >= 0 && found !== undefined ? found : Buffer.allocUnsafeSlow(Math.ceil(bytes / ROUND_BYTES) * ROUND_BYTES);
    this.#lent.set(buffer.buffer, { buffer, uses: 0 });
    return buffer;
  }

  /** Somebody keeps a view. Views of other memory than taken here are nobody's business. */
  use(view: Uint8Array): void {
    const lent = this.#lent.get(view.buffer);
    if (lent !== undefined) lent.uses++;
  }

  release(view: Uint8Array): void {
    const lent = this.#lent.get(view.buffer);
    if (lent === undefined || --lent.uses > 0) return;
    this.#lent.delete(view.buffer);
    if (this.#free.length < FREE_MAX) this.#free.push(lent.buffer);
  }
}
