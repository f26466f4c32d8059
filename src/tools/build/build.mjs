/**
 * Builds everything that is generated: the parser from grammar/, the WASM kernels, and the bundles under dist/.
 * Packages stay outside the bundle; what a command does not need is imported lazily, which keeps start-up short.
 *
 *   node src/tools/build/build.mjs            all
 *   node src/tools/build/build.mjs generated  parser and kernels only (what tests and the type checker need)
 */
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildKernels } from '../../batch/kernels/build-kernels.mjs';
import { buildParser } from '../../sql/build-parser.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');

await Promise.all([buildParser(), buildKernels()]);
if (process.argv[2] !== 'generated') {
  const outdir = join(root, 'dist');
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: { cli: 'src/main/cli.ts', 'slot-worker': 'src/main/slot-worker.ts' },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    // Names stay, for stack traces and profiles; white space is a third of what has to be read at every start.
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: 'linked',
    logLevel: 'warning',
  });
}
