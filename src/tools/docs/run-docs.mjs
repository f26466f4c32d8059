/**
 * `npm run docs`: prints the pages of docs/reference from the product's own definitions. They are TypeScript, so they are bundled first.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const bundle = join(root, 'node_modules/.cache/fsql-docs/print-pages.mjs');

await build({
  absWorkingDir: root,
  entryPoints: ['src/tools/docs/index.ts'],
  outfile: bundle,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  // What a command does is not part of its help.
  external: ['./commands/*'],
  logLevel: 'warning',
});
const { printPages } = await import(pathToFileURL(bundle).href);
const folder = join(root, 'docs/reference');
await mkdir(folder, { recursive: true });
for (const [name, text] of printPages()) await writeFile(join(folder, name), text);
console.log(`${printPages().size} pages in docs/reference`);
