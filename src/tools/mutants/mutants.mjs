import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dataflowMutants } from './lists/dataflow.mjs';
import { durabilityMutants } from './lists/durability.mjs';
import { operatorMutants } from './lists/operators.mjs';
import { outsideMutants } from './lists/outside.mjs';

/** The folder all paths of mutants are relative to. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');

export const mutants = [...durabilityMutants, ...dataflowMutants, ...operatorMutants, ...outsideMutants];

export function mutantNamed(name) {
  const mutant = mutants.find((one) => one.name === name);
  if (mutant === undefined) throw new Error(`there is no mutant "${name}"`);
  return mutant;
}

/** The text with the bug in it. A text that is not there exactly once is an error: the mutant has to follow the sources. */
export function mutated({ name, file, find, replace }, text) {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`mutant "${name}": its text is ${parts.length - 1} times in ${file}, not once`);
  return parts.join(replace);
}

export function sourceOf({ file }) {
  return readFileSync(join(root, file), 'utf8');
}

/**
 * What a test is written as: `[NAME=value …] path [in configuration]`. The path is a file of unit tests, or a file or folder of sql-tests.
 */
export function parseTest(text) {
  const words = text.split(' ');
  const settings = words.filter((word) => word.includes('='));
  const [path, , configuration = 'compiled'] = words.filter((word) => !word.includes('='));
  return { path, configuration, env: Object.fromEntries(settings.map((word) => word.split('='))), sql: path.startsWith('sql-tests') };
}
