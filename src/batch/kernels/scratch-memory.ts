import { createKernels, type KernelExports } from './kernel-module.ts';

const PAGE_BYTES = 65_536;

/**
 * Memory of kernels that keep nothing from one call to the next: one instance for all of them in a thread, as each call is over before the
 * next begins. It is as large as the largest call needed it.
 */
export class ScratchMemory {
  readonly kernels: KernelExports = createKernels();
  /** The whole memory, good until the next `begin`. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(this.kernels.memory.buffer);
  #next = 0;

  /** Forgets what the call before left, and makes room for `size` bytes in `parts` parts. */
  begin(size: number, parts: number): void {
    this.#next = (this.kernels.heapBase() + 15) & ~15;
    const missing = this.#next + size + parts * 8 - this.kernels.memory.buffer.byteLength;
    if (missing > 0) this.kernels.memory.grow(Math.ceil(missing / PAGE_BYTES));
    if (this.bytes.buffer !== this.kernels.memory.buffer) this.bytes = new Uint8Array(this.kernels.memory.buffer);
  }

  /** Address of the next part, a multiple of eight. */
  take(size: number): number {
    const taken = this.#next;
    this.#next = (taken + size + 7) & ~7;
    return taken;
  }

  /** Copies entries [0, count) of an array into a part of their own. */
  put(array: Float64Array | Int32Array | Uint8Array, count: number): number {
    const address = this.take(count * array.BYTES_PER_ELEMENT);
    this.bytes.set(new Uint8Array(array.buffer, array.byteOffset, count * array.BYTES_PER_ELEMENT), address);
    return address;
  }
}

let scratch: ScratchMemory | null = null;

/** Made when first asked for. */
export function scratchMemory(): ScratchMemory {
  scratch ??= new ScratchMemory();
  return scratch;
}
