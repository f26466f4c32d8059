import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

/** Length of the key at the end of a bundle. */
const KEY_LENGTH = 16;

/**
 * How much V8's optimiser may inline into one function, in bytes of byte code; its own limit is 920. Loops over rows are functions of their own and need
 * little of it, while at its limit a job spends about a third of its first seconds of processor time on compiling.
 */
const INLINED_BYTES_MAX = 100;

export const V8_OPTION = `--max-inlined-bytecode-size-cumulative=${INLINED_BYTES_MAX}`;

/** For the whole process, threads included; before any code is loaded, since V8 refuses caches that were made under other options. */
if (isMainThread) setFlagsFromString(V8_OPTION);

/**
 * Loads a CommonJS bundle of the build and gives its exports. Compiling the program is most of a short run, so V8 is handed the code it made at
 * build time. The cache is never needed: without one, with one of another Node or another build, or when V8 refuses it, the text is compiled.
 *
 * Code loaded like this has no source map, so who asks Node for source maps gets the ordinary loader.
 */
export function loadBundle(path: string): unknown {
  const require = createRequire(path);
  if (process.sourceMapsEnabled) return require(path);
  // The build writes ASCII only.
  const text = readFileSync(path, 'latin1');
  const cachePath = codeCachePath(path, text);
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${text}\n})`, {
    filename: path,
    ...(existsSync(cachePath) ? { cachedData: readFileSync(cachePath) } : {}),
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, path, dirname(path));
  return module.exports;
}

/** The key says which text the cache was made from, since V8 compares no more than lengths. Its own version and options V8 compares itself. */
export function codeCachePath(path: string, text: string): string {
  return `${path}.${text.slice(-KEY_LENGTH)}-${process.version}-${process.platform}-${process.arch}.cache`;
}
