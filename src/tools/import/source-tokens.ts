import { SqlError, SqlState } from '../../base/index.ts';

export interface SourceToken {
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'symbol';
  /** Without quotes; doubled quotes are still doubled. */
  readonly text: string;
  readonly start: number;
}

const pattern =
  /(--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/|\s+)|('(?:[^'\\]|''|\\[\s\S])*')|("(?:[^"\\]|""|\\[\s\S])*")|(`[^`]*`|\[[^\]]*\])|(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_][\w$]*)|(<=>|<>|!=|<=|>=|\|\||::|:=|->>|->|[\s\S])/g;

/** The tokens of a text in any of the dialects, without white space and comments. */
export function sourceTokens(text: string, doubleQuotedStrings: boolean): readonly SourceToken[] {
  const tokens: SourceToken[] = [];
  for (const match of text.matchAll(pattern)) {
    const [, gap, single, double, quoted, number, word, symbol] = match;
    const start = match.index;
    if (gap !== undefined) continue;
    if (single !== undefined) tokens.push({ kind: 'string', text: single.slice(1, -1), start });
    else if (double !== undefined) tokens.push({ kind: doubleQuotedStrings ? 'string' : 'name', text: double.slice(1, -1), start });
    else if (quoted !== undefined) tokens.push({ kind: 'name', text: quoted.slice(1, -1), start });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, start });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, start });
    else tokens.push({ kind: 'symbol', text: symbol!, start });
  }
  return tokens;
}

/** Words and symbols that are written differently here. */
const spellings: Readonly<Record<string, string>> = {
  IFNULL: 'COALESCE',
  NVL: 'COALESCE',
  SAFE_CAST: 'TRY_CAST',
  TOP: 'LIMIT',
  '!=': '<>',
  INT64: 'BIGINT',
  FLOAT64: 'FLOAT8',
  DOUBLE: 'FLOAT8',
  STRING: 'TEXT',
  DATETIME: 'TIMESTAMP',
  NUMBER: 'NUMERIC',
  DECIMAL: 'NUMERIC',
  INT: 'INTEGER',
  BOOL: 'BOOLEAN',
  NVARCHAR: 'VARCHAR',
};

export function ownSpelling(word: string): string {
  const upper = word.toUpperCase();
  return Object.hasOwn(spellings, upper) ? spellings[upper]! : upper;
}

/** Words that mean nothing where they stand or say what is so anyway, and signs that only group. */
const silent: ReadonlySet<string> = new Set(['AS', 'INNER', 'OUTER', 'ASC', '(', ')', ',', ';', '.']);
/** What the writer adds to say what the dialect means without saying it. */
const added: ReadonlySet<string> = new Set(['NULLS', 'FIRST', 'LAST', 'OFFSET']);

/** Every token of the source is in the result, and nothing else. Errors: 0A000 at the first one that is not. */
export function requireSameTokens(source: readonly SourceToken[], result: readonly SourceToken[]): void {
  const left = new Map<string, number>();
  for (const token of result) left.set(keyOf(token), (left.get(keyOf(token)) ?? 0) + 1);
  for (const token of source) {
    const key = keyOf(token);
    if (silent.has(key)) continue;
    const count = left.get(key) ?? 0;
    if (count === 0) throw notUnderstood(token.text, token.start);
    left.set(key, count - 1);
  }
  for (const [key, count] of left) {
    if (count > 0 && !silent.has(key) && !added.has(key)) throw notUnderstood(key, source[0]?.start ?? 0);
  }
}

/** Where in the source the token of the result at an offset stands: the same token, counted from the start. What the writer added stands at the start. */
export function offsetsInSource(source: readonly SourceToken[], result: readonly SourceToken[]): (offset: number) => number {
  return (offset) => {
    const index = result.findLastIndex((token) => token.start <= offset);
    const token = result[index];
    if (token === undefined) return 0;
    const key = keyOf(token);
    const before = result.slice(0, index).filter((other) => keyOf(other) === key).length;
    const found = source.filter((other) => keyOf(other) === key)[before];
    return found === undefined ? 0 : found.start + Math.min(offset - token.start, Math.max(0, found.text.length - 1));
  };
}

function keyOf(token: SourceToken): string {
  if (token.kind === 'string') return `'${token.text}`;
  return token.kind === 'name' ? token.text.toUpperCase() : ownSpelling(token.text);
}

export function notUnderstood(what: string, position: number | undefined, hint?: string): SqlError {
  return new SqlError({
    code: SqlState.featureNotSupported,
    message: `"${what}" is not understood in a statement that is imported`,
    hint: hint ?? 'Write the statement in the postgres dialect.',
    position,
  });
}
