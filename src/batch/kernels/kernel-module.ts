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
  writeJsonRows(columns: number, columnCount: number, rowCount: number, ignoreNulls: number, out: number, ends: number): number;
  startGroups(config: number): void;
  enlargeGroups(address: number, slotCount: number): void;
  moveGroups(count: number): void;
  clearGroups(): void;
  groupRows(rowCount: number, nullable: number, reusableCount: number, firstId: number, insert: number): number;
  nullBitsOfNew(): number;
  removeGroup(): void;
  hashWords(keys: number, hashes: number, rowCount: number): void;
  rowsByHash(hashes: number, rowCount: number, targets: number, groupCount: number, rows: number, offsets: number, targetCount: number): void;
  gather8(from: number, rows: number, count: number, to: number): void;
  gather4(from: number, rows: number, count: number, to: number): void;
  gather1(from: number, rows: number, count: number, to: number): number;
}

let compiled: object | null = null;

/**
 * A kernel instance with a memory of its own. Compiled on first use and synchronously: a worker that uses none never pays for them, and
 * one that does needs them before its first row anyway. Memory is never shared between threads (writing into shared memory halved the speed of the scan).
 */
export function createKernels(): KernelExports {
  compiled ??= new WebAssembly.Module(Buffer.from(kernelsBase64, 'base64'));
  const abort = (): never => {
    throw new Error('assertion failed: kernel aborted');
  };
  return new WebAssembly.Instance(compiled, { env: { abort } }).exports as unknown as KernelExports;
}
