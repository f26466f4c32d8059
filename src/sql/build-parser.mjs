/**
 * Makes the parser from grammar/: `parser.generated.js`, `keywords.generated.js` and their declarations, all beside this file.
 * Called by the build; can be run alone with `node src/sql/build-parser.mjs`.
 *
 * A word in capitals in the grammar is a keyword token. Its rule is written here from grammar/keywords.txt, so that a word the
 * table does not have cannot be used, and the table has one reader for parser, printer, completion and hints.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import peggy from 'peggy';
import { decideKeywordsEarly, hoistParser } from './hoist-parser.mjs';

const ownFolder = dirname(fileURLToPath(import.meta.url));
const grammarFolder = join(ownFolder, '../../grammar');

/** The file that holds the start rules comes first, since peggy starts at the first rule it sees. */
const firstFile = 'statements.peggy';

export function buildParser() {
  const keywords = readKeywords();
  const files = readdirSync(grammarFolder)
    .filter((name) => name.endsWith('.peggy'))
    .sort((left, right) => Number(right === firstFile) - Number(left === firstFile) || (left < right ? -1 : 1));
  const sources = files.map((name) => ({ source: `grammar/${name}`, text: readFileSync(join(grammarFolder, name), 'utf8') }));
  const words = usedKeywords(sources, keywords);
  sources.push({ source: 'grammar/keywords.txt', text: words.map(keywordRule).join('') });
  write('parser.generated.js', decideKeywordsEarly(hoistParser(generate(sources)), words));
  write('parser.generated.d.ts', parserDeclaration);
  write('keywords.generated.js', `export const keywordTable = ${JSON.stringify(keywords, null, 0).replaceAll('],[', '],\n[')};\n`);
  write('keywords.generated.d.ts', keywordsDeclaration);
}

/** The lines of the table: word, category, alias, origin. */
function readKeywords() {
  const lines = readFileSync(join(grammarFolder, 'keywords.txt'), 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.trim().split(/\s+/));
}

/** The keywords the grammar uses; comments and strings in it are not uses. */
function usedKeywords(sources, keywords) {
  const known = new Set(keywords.map(([word]) => word.toUpperCase()));
  const used = new Set();
  for (const { text } of sources) {
    const code = text.replace(/\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`\n]*`/g, ' ');
    for (const [word] of code.matchAll(/\b[A-Z][A-Z_]+\b/g)) used.add(word);
  }
  const unknown = [...used].filter((word) => !known.has(word)).sort();
  if (unknown.length > 0) throw new Error(`grammar/keywords.txt lacks: ${unknown.join(' ').toLowerCase()}`);
  return [...used].sort();
}

function keywordRule(word) {
  return `${word} "${word}" = &{ return wordAt(offset()) === '${word.toLowerCase()}'; } Word\n`;
}

function generate(sources) {
  try {
    return peggy.generate(sources, {
      format: 'es',
      output: 'source',
      allowedStartRules: ['Statements', 'SingleExpression'],
      plugins: [sharedActions],
      error: (stage, message, location) => {
        throw new Error(`${stage}: ${message}${location === undefined ? '' : ` (${location.source}:${location.start.line})`}`);
      },
    });
  } catch (error) {
    throw typeof error.format === 'function' ? new Error(error.format(sources)) : error;
  }
}

/**
 * Lets equal actions share one function. Peggy compares actions together with their places, so it finds none equal and spends
 * quadratic time on it; with the places hidden from the comparison the build is three times as fast and the parser smaller.
 */
const sharedActions = {
  use(config) {
    config.passes.prepare.unshift((tree) => hideCodeLocations(tree.rules));
  },
};

function hideCodeLocations(node) {
  if (Array.isArray(node)) {
    for (const child of node) hideCodeLocations(child);
    return;
  }
  if (node === null || typeof node !== 'object') return;
  if (node.codeLocation !== undefined) Object.defineProperty(node.codeLocation, 'toJSON', { value: () => '', enumerable: false });
  for (const key of ['expression', 'alternatives', 'elements', 'delimiter']) if (node[key]) hideCodeLocations(node[key]);
}

function write(name, text) {
  writeFileSync(join(ownFolder, name), text);
}

const parserDeclaration = `import type { Expression, Statement } from './ast/index.ts';

export interface ReadStatement {
  readonly statement: Statement;
  readonly start: number;
  readonly end: number;
}

export interface Expectation {
  readonly type: 'literal' | 'class' | 'any' | 'end' | 'other' | 'pattern' | 'rule' | 'and' | 'not';
  readonly text?: string;
  readonly description?: string;
}

export class SyntaxError extends Error {
  readonly expected: readonly Expectation[] | null;
  readonly found: string | null;
  readonly location: { readonly start: { readonly offset: number }; readonly end: { readonly offset: number } };
}

export function parse(text: string, options?: { readonly startRule?: 'Statements' }): readonly ReadStatement[];
export function parse(text: string, options: { readonly startRule: 'SingleExpression' }): Expression;
`;

const keywordsDeclaration = `/** Word, category, use as an alias, origin: the lines of grammar/keywords.txt. */
export const keywordTable: readonly (readonly [
  word: string,
  category: 'reserved' | 'type-function-name' | 'column-name' | 'unreserved',
  alias: 'bare' | 'as' | 'join',
  origin: 'postgresql' | 'fsql',
])[];
`;

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) buildParser();
