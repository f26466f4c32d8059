import { createReadStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/** The product's own writer of Nexmark topics, as a module that Node can load. */
async function loadWriter() {
  const directory = join(root, '.cache/bench');
  mkdirSync(directory, { recursive: true });
  const outfile = join(directory, 'nexmark-topic.mjs');
  const entryPoints = [join(root, 'src/main/nexmark-topic.ts')];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external' });
  return import(pathToFileURL(outfile).href);
}

/** Writes the lines of a file into a new topic; see main/nexmark-topic.ts. */
export async function fillTopic({ bootstrapServers, partitions, file }) {
  const { openNexmarkTopic } = await loadWriter();
  return openNexmarkTopic({ bootstrapServers, partitions, lines: createInterface({ input: createReadStream(file) }) });
}
