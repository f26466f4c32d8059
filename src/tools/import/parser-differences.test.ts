import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseExpression } from '../../sql/index.ts';
import { foreignShape, ownShape } from './testing/expression-shape.ts';
import { isTree, list } from './tree.ts';

/** Grammars of node-sql-parser; the rest are copies of these as far as expressions go. */
const dialects = ['mysql', 'bigquery', 'snowflake', 'transactsql', 'hive', 'db2'];
const operators = ['OR', 'AND', '=', '<>', '<', '+', '-', '*', '/', '%', '||', 'LIKE', 'NOT LIKE', 'IN', 'BETWEEN', 'NOT BETWEEN'];

function applied(operator: string, left: string, right: string): string {
  if (operator === 'IN') return `${left} IN (${right}, 7)`;
  if (operator.endsWith('BETWEEN')) return `${left} ${operator} 1 AND ${right}`;
  return `${left} ${operator} ${right}`;
}

/** Every pair of operators side by side, and every operator beside the prefixes and suffixes: all there is to know of what binds tighter. */
const texts = [
  ...operators.flatMap((first) => operators.map((second) => applied(second, applied(first, 'a', 'b'), 'c'))),
  ...operators.flatMap((one) => [`NOT ${applied(one, 'a', 'b')}`, `- ${applied(one, 'a', 'b')}`, `${applied(one, 'a', 'b')} IS NULL`]),
  ...operators.filter((one) => one !== 'IN' && !one.endsWith('BETWEEN')).map((one) => `a IS NOT NULL ${one} b`),
  ...['1.5', "'x'", 't.b', 'a + - b', '(a OR b) AND c', 'NOT (a = b) = c', 'NULL IS NULL'],
];

interface ForeignParser {
  astify(text: string, options: { readonly database: string }): unknown;
}

/** What a grammar makes of a text, or null where it refuses it. */
function read(parser: ForeignParser, text: string, database: string): string | null {
  let parsed: unknown;
  try {
    parsed = parser.astify(`SELECT 1 FROM t WHERE ${text}`, { database });
  } catch {
    return null;
  }
  const [root] = Array.isArray(parsed) ? list(parsed) : [parsed];
  return isTree(root) ? foreignShape(root['where']) : null;
}

function readOwn(text: string): string | null {
  try {
    return ownShape(parseExpression(text));
  } catch {
    return null;
  }
}

/** A line for every text that both grammars read, and do not read alike, or that ours alone refuses. */
function differences(): string[] {
  const found = new Map<string, string[]>();
  for (const dialect of dialects) {
    const { Parser } = createRequire(import.meta.url)(`node-sql-parser/build/${dialect}`) as { Parser: new () => ForeignParser };
    const parser = new Parser();
    for (const text of texts) {
      const foreign = read(parser, text, dialect);
      const own = readOwn(text);
      if (foreign === null || foreign === own) continue;
      const line = `${text} | ${own ?? 'refused'} | ${foreign}`;
      found.set(line, [...(found.get(line) ?? []), dialect]);
    }
  }
  return [...found].map(([line, where]) => `${line} | ${where.length === dialects.length ? 'all' : where.join(' ')}`);
}

test('where node-sql-parser reads an expression otherwise than our grammar, it is known and reviewed', () => {
  const list = readFileSync(join(import.meta.dirname, 'reviewed-differences.txt'), 'utf8').split('\n');
  const reviewed = list.filter((line) => line !== '' && !line.startsWith('#'));
  expect(differences().toSorted()).toEqual(reviewed.toSorted());
}, 120_000);
