import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { mutantNamed, mutated, root } from './mutants.mjs';

/** Puts the bug into its module while it is loaded: no file is changed, and nothing of it is in what is built. */
function mutantPlugin(mutant) {
  const path = join(root, mutant.file);
  return {
    name: 'mutant',
    enforce: 'pre',
    transform: (text, id) => (id.split('?')[0] === path ? { code: mutated(mutant, text), map: null } : null),
  };
}

/** FSQL_MUTANT names the bug; without it the sources are as they are. */
const { FSQL_MUTANT: name } = process.env;

export default defineConfig({
  root,
  plugins: name ? [mutantPlugin(mutantNamed(name))] : [],
  test: {
    include: ['src/**/*.test.ts', 'src/tools/mutants/testing/sql-files.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'threads',
    maxWorkers: 1,
    bail: 1,
  },
});
