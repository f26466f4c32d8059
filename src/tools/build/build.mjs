/**
 * Builds everything that is generated: the parser from grammar/, the WASM kernels, and the bundles under dist/ with their code caches.
 * What a command does not need is imported lazily, which keeps start-up short.
 *
 *   node src/tools/build/build.mjs            all
 *   node src/tools/build/build.mjs generated  parser and kernels only (what tests and the type checker need)
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildKernels } from '../../batch/kernels/build-kernels.mjs';
import { buildParser } from '../../sql/build-parser.mjs';
import { writeCodeCaches } from './write-code-caches.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const dist = join(root, 'dist');

/** The command line, what a slot's thread runs, and a large package that servers alone need. `load-<name>.cjs` loads each with its code cache. */
const BUNDLES = { cli: 'src/main/cli.ts', slot: 'src/main/slot-worker.ts', http: 'fastify' };

/** Packages with native code or files of their own, and kafkajs and pg, which few runs need. To find and read the many files of the others would take long. */
const EXTERNAL_PACKAGES = ['@bokuweb/zstd-wasm', '@node-rs/crc32', 'fzstd', 'kafkajs', 'level', 'lz4-napi', 'pg', 'snappy'];

const fastifyApart = {
  name: 'fastify-apart',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^fastify$/ }, ({ kind }) => (kind === 'entry-point' ? null : { path: './load-http.cjs', external: true })),
};

await Promise.all([buildParser(), buildKernels()]);
if (process.argv[2] !== 'generated') {
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist, { recursive: true });
  await bundle({ entryPoints: { 'load-bundle': 'src/main/load-bundle.ts', 'test-watchdog': 'src/main/test-watchdog.ts' } });
  await bundle({ entryPoints: BUNDLES, plugins: [fastifyApart] }).then(finish);
  await writeLibrary();
  await writeCodeCaches(root);
}

/** The entry of the package and its declarations, for who imports fsql. */
async function writeLibrary() {
  const entry = "import cli from './load-cli.cjs';\n\nexport const open = cli.open;\n";
  const types = await readFile(join(root, 'src/main/embedded/api.ts'), 'utf8');
  await writeFile(join(dist, 'index.mjs'), entry);
  await writeFile(join(dist, 'index.d.ts'), `${types}\nexport declare const open: Open;\n`);
}

async function bundle(options) {
  const { outputFiles } = await build({
    ...options,
    absWorkingDir: root,
    outdir: dist,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    external: EXTERNAL_PACKAGES,
    define: { 'import.meta.dirname': '__dirname' },
    // Imports that are left over are of CommonJS packages.
    supported: { 'dynamic-import': false },
    // Names stay, for stack traces and profiles; white space is a third of what has to be read at every start.
    minifyWhitespace: true,
    minifySyntax: true,
    charset: 'ascii',
    legalComments: 'linked',
    sourcemap: 'linked',
    logLevel: 'warning',
    write: false,
  });
  await Promise.all(outputFiles.map((file) => writeFile(file.path, file.contents)));
  return outputFiles.filter((file) => file.path.endsWith('.cjs'));
}

/** Ends every bundle with a hash of its text, by which load-bundle knows the cache made from it. */
async function finish(bundles) {
  for (const { path, contents } of bundles) {
    const key = createHash('sha256').update(contents).digest('hex').slice(0, 16);
    await writeFile(path, `//# ${key}`, { flag: 'a' });
  }
  for (const name of Object.keys(BUNDLES)) {
    const loader = `module.exports = require('./load-bundle.cjs').loadBundle(require('node:path').join(__dirname, '${name}.cjs'));\n`;
    await writeFile(join(dist, `load-${name}.cjs`), loader);
  }
}
