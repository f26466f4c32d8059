import * as zlib from 'node:zlib';
import { compress as compressWasm, init as initWasm } from '@bokuweb/zstd-wasm';
import { decompress as decompressScript } from 'fzstd';
import { assert } from '../../../../base/index.ts';

/** Node has zstd since 22.15; on Node 20 JavaScript reads and WebAssembly writes it. */
interface NativeZstd {
  zstdCompressSync?(bytes: Uint8Array): Uint8Array;
  zstdDecompressSync?(bytes: Uint8Array): Uint8Array;
}

const native: NativeZstd = zlib as NativeZstd;
let wasmReady: Promise<void> | undefined;
let prepared = native.zstdCompressSync !== undefined;

/** Has to be awaited once before compressZstd; loads the WebAssembly module where Node brings no zstd. */
export async function prepareZstd(): Promise<void> {
  if (prepared) return;
  wasmReady ??= initWasm();
  await wasmReady;
  prepared = true;
}

export function compressZstd(bytes: Uint8Array): Uint8Array {
  assert(prepared, 'prepareZstd is awaited before zstd is written');
  return native.zstdCompressSync === undefined ? compressWasm(bytes) : native.zstdCompressSync(bytes);
}

export function decompressZstd(bytes: Uint8Array): Uint8Array {
  return native.zstdDecompressSync === undefined ? decompressScript(bytes) : native.zstdDecompressSync(bytes);
}
