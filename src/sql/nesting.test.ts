import { describe, expect, it, vi } from 'vitest';
import { NESTING_DEPTH_LIMIT, parseStatements, printStatement } from './index.ts';
import { SourceText } from './parser/source-text.ts';

/** Nested text of a depth; each shape once doubled the work per level in some parser. */
const shapes: Readonly<Record<string, (depth: number) => string>> = {
  parentheses: (depth) => `SELECT ${'('.repeat(depth)}1${')'.repeat(depth)}`,
  calls: (depth) => `SELECT ${'f('.repeat(depth)}1${')'.repeat(depth)}`,
  'special calls': (depth) => `SELECT ${'substring('.repeat(depth)}a${' FROM 1)'.repeat(depth)}`,
  trim: (depth) => `SELECT ${'trim('.repeat(depth)}a${')'.repeat(depth)}`,
  'type-like calls': (depth) => `SELECT ${'timestamp('.repeat(depth)}a${')'.repeat(depth)}`,
  subscripts: (depth) => `SELECT ${'a['.repeat(depth)}1${']'.repeat(depth)}`,
  'JSON calls': (depth) => `SELECT ${'JSON_OBJECT(a VALUE JSON_VALUE('.repeat(depth / 2)}x${", '$.a' DEFAULT 1 ON EMPTY))".repeat(depth / 2)}`,
  'defaults of JSON_VALUE': (depth) => `SELECT ${"JSON_VALUE(a, 'b' DEFAULT ".repeat(depth)}1${' ON ERROR)'.repeat(depth)}`,
  case: (depth) => `SELECT ${'CASE WHEN a THEN '.repeat(depth)}1${' END'.repeat(depth)}`,
  subqueries: (depth) => `SELECT ${'(SELECT '.repeat(depth)}1${')'.repeat(depth)}`,
  'subqueries as operands': (depth) => `SELECT ${'((SELECT '.repeat(depth / 2)}1${') + 1)'.repeat(depth / 2)}`,
  'subqueries in FROM': (depth) => `SELECT * FROM ${'(SELECT * FROM '.repeat(depth)}t${') AS x'.repeat(depth)}`,
  joins: (depth) => `SELECT * FROM ${'('.repeat(depth)}t${' JOIN u ON true)'.repeat(depth)}`,
  'set operations': (depth) => `${'('.repeat(depth)}SELECT 1${' UNION SELECT 2)'.repeat(depth)}`,
  conditions: (depth) => `SELECT ${'('.repeat(depth)}a = 1${' AND b = 2)'.repeat(depth)}`,
  arrays: (depth) => `SELECT ARRAY${'['.repeat(depth)}1${']'.repeat(depth)}`,
  'broken parentheses': (depth) => `SELECT ${'('.repeat(depth)}1${')'.repeat(depth - 1)} x y`,
  'broken subqueries': (depth) => `SELECT ${'((SELECT '.repeat(depth / 2)}1${') + 1)'.repeat(depth / 2 - 1)}`,
  'broken calls': (depth) => `SELECT ${'f(1 + '.repeat(depth)}${')'.repeat(depth)}`,
};

/** How often the parser looks at a word of the text: its work, counted rather than timed. */
function wordsLookedAt(text: string): number {
  const looks = vi.spyOn(SourceText.prototype, 'wordAt');
  try {
    attempt(text);
    return looks.mock.calls.length;
  } finally {
    looks.mockRestore();
  }
}

function attempt(text: string): string {
  try {
    parseStatements(text);
    return 'read';
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}

describe('nesting', () => {
  it.each(Object.entries(shapes))('of %s costs the same for each level', (name, shape) => {
    expect(attempt(shape(200))).toBe(name.startsWith('broken') ? '42601' : 'read');
    const [little, middle, much] = [50, 100, 200].map((depth) => wordsLookedAt(shape(depth)));
    // From 100 to 200 the work grows twice as much as from 50 to 100: a straight line, with a little room for constants.
    expect(much! - middle!).toBeLessThanOrEqual(2.1 * (middle! - little!));
  });

  it.each(Object.entries(shapes))('of %s beyond the limit is a clean error', (_name, shape) => {
    expect(attempt(shape(NESTING_DEPTH_LIMIT * 2 + 2))).toBe('54001');
    expect(attempt(shape(100_000))).toBe('54001');
  });

  it.each(Object.entries(shapes).filter(([name]) => !name.startsWith('broken')))('of %s up to the limit is read and printed', (_name, shape) => {
    const [parsed] = parseStatements(shape(NESTING_DEPTH_LIMIT - 2));
    expect(printStatement(parsed!.statement)).not.toBe('');
  });

  it.each([
    ['prefixes', `SELECT ${'NOT '.repeat(50_000)}a`],
    ['signs', `SELECT ${'- '.repeat(50_000)}1`],
    ['an endless sum', `SELECT 1${' + 1'.repeat(50_000)}`],
    ['powers', `SELECT 1${' ^ 1'.repeat(50_000)}`],
    ['types', `SELECT a::${'ARRAY<'.repeat(50_000)}int${'>'.repeat(50_000)}`],
  ])('of %s is a clean error', (_name, text) => {
    expect(attempt(text)).toBe('54001');
  });

  it('does not count what is flat', () => {
    expect(attempt(`SELECT ${'a = 1 OR '.repeat(20_000)}true`)).toBe('read');
    expect(attempt(`INSERT INTO t VALUES ${Array.from({ length: 5_000 }, (_, row) => `(${row})`).join(', ')}`)).toBe('read');
    expect(attempt(`SELECT 1${' UNION ALL SELECT 1'.repeat(2_000)}`)).toBe('read');
  });
});
