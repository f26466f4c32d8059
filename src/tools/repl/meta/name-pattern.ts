import { quoteLiteral } from '../input/index.ts';

/** A pattern of `\d` and its kin as two regular expressions; null where it says nothing (psql reference, "Patterns"). */
export interface NamePattern {
  readonly schema: string | null;
  readonly name: string | null;
}

/** `*` is any text, `?` any character, a dot separates schema and name, quotes keep letters as they are; else letters are folded. */
export function namePattern(word: string | undefined): NamePattern {
  if (word === undefined) return { schema: null, name: null };
  const parts: string[] = [''];
  const pieces = /"((?:[^"]|"")*)"?|([^"])/g;
  for (const [, quoted, plain] of word.matchAll(pieces)) {
    const last = parts.length - 1;
    if (quoted !== undefined) parts[last] += escapeAll(quoted.replaceAll('""', '"'));
    else if (plain === '.') parts.push('');
    else if (plain === '*') parts[last] += '.*';
    else if (plain === '?') parts[last] += '.';
    else if (plain === '$') parts[last] += '\\$';
    else parts[last] += plain!.toLowerCase();
  }
  const [name, schema] = [parts.at(-1)!, parts.at(-2)];
  return { schema: schema === undefined ? null : anchored(schema), name: name === '' ? null : anchored(name) };
}

/** WHERE conditions, each with AND before it, that keep what matches; what is not visible needs its schema. */
export function patternConditions(pattern: NamePattern, columns: { name: string; schema: string | null; visible: string | null }): string {
  const matches = (column: string, expression: string): string =>
    `\n  AND ${column} OPERATOR(pg_catalog.~) ${quoteLiteral(expression)} COLLATE pg_catalog.default`;
  let sql = '';
  if (pattern.name !== null) sql += matches(columns.name, pattern.name);
  if (pattern.schema !== null && columns.schema !== null) sql += matches(columns.schema, pattern.schema);
  else if (columns.visible !== null) sql += `\n  AND ${columns.visible}`;
  return sql;
}

function anchored(expression: string): string {
  return `^(${expression})$`;
}

function escapeAll(text: string): string {
  return text.replaceAll(/[|*+?()[\]{}.^$\\]/g, '\\$&');
}
