import { kernelsBase64 } from './kernels.generated.js';

/** The part of the WebAssembly API used here; Node's type package leaves it to the browser's. */
interface WebAssemblyApi {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: object };
}

const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi };

/** What the compiled kernels export (./assembly/index.ts). Addresses are byte offsets into `memory`. */
export interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  heapBase(): number;
  scan(config: number, from: number, to: number, sourceOffset: number): void;
  finishValid(valid: number, count: number): number;
}

let compiled: object | null = null;

/**
 * A kernel instance with a memory of its own. Compiled on first use and synchronously: a worker that decodes no JSON never pays for it, and
 * one that does needs it before its first row anyway. Memory is never shared between threads (writing into shared memory halved the speed of the scan).
 */
export function createKernels(): KernelExports {
  compiled ??= new WebAssembly.Module(Buffer.from(kernelsBase64, 'base64'));
  const abort = (): never => {
    throw new Error('assertion failed: kernel aborted');
  };
  return new WebAssembly.Instance(compiled, { env: { abort } }).exports as unknown as KernelExports;
}
