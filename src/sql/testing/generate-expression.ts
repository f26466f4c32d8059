import type { Random } from '../../base/index.ts';

const operators = ['+', '-', '*', '/', '%', '^', '||', '->', '->>', '@>', '&', '|', '#', '<<', '~', '!~*', '=', '<', '>', '<=', '>=', '<>', '!='];
const prefixes = ['-', '+', '~', '@', 'NOT ', 'NOT ', '|/'];
const operands = ['a', 'b', 't.c', '1', '2.5', "'x'", 'NULL', 'TRUE', 'f(a, 1)', 'g()', '$1', 'a[1]', '(a).b', 'count(*)'];
const types = ['int', 'text', 'numeric(10, 2)', 'int[]', 'double precision', 'timestamp with time zone'];

/** Random expression text in PostgreSQL's dialect, with few parentheses, so that precedence decides the tree. */
export function generateExpression(random: Random, depth: number): string {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random.nextFloat() * items.length)]!;
  const inner = (): string => generateExpression(random, depth - 1);
  if (depth <= 0) return pick(operands);
  const forms: (() => string)[] = [
    () => pick(operands),
    () => `${inner()} ${pick(operators)} ${inner()}`,
    () => `${inner()} ${pick(operators)} ${inner()}`,
    () => `${inner()} ${pick(['AND', 'OR'])} ${inner()}`,
    () => `${inner()} ${pick(['AND', 'OR'])} ${inner()} ${pick(['AND', 'OR'])} ${inner()}`,
    () => `${pick(prefixes)} ${inner()}`,
    () => `(${inner()})`,
    () => `${inner()} IS ${pick(['', 'NOT '])}${pick(['NULL', 'TRUE', 'FALSE', 'UNKNOWN'])}`,
    () => `${inner()} ${pick(['ISNULL', 'NOTNULL'])}`,
    () => `${inner()} IS ${pick(['', 'NOT '])}DISTINCT FROM ${inner()}`,
    () =>
      `${inner()} ${pick(['', 'NOT '])}BETWEEN ${pick(['', 'SYMMETRIC '])}${pick(operands)} ${pick(['+', '||', '<'])} ${pick(operands)} AND ${inner()}`,
    () => `${inner()} ${pick(['', 'NOT '])}IN (${inner()}, ${inner()})`,
    () => `${inner()} ${pick(['', 'NOT '])}${pick(['LIKE', 'ILIKE', 'SIMILAR TO'])} ${inner()}${pick(['', '', " ESCAPE '!'"])}`,
    () => `${inner()}::${pick(types)}`,
    () => `${inner()} COLLATE "C"`,
    () => `${inner()} AT TIME ZONE ${inner()}`,
    () => `${inner()} ${pick(['=', '<', '~', 'OPERATOR(pg_catalog.=)', 'LIKE', 'NOT ILIKE'])} ${pick(['ANY', 'ALL'])} (${inner()})`,
    () => `CASE WHEN ${inner()} THEN ${inner()} ELSE ${inner()} END`,
    () => `f(${inner()}, ${inner()})`,
    () => `${inner()} OPERATOR(pg_catalog.+) ${inner()}`,
    () => `(${inner()}, ${inner()})`,
    () => `ARRAY[${inner()}, ${inner()}]`,
    () => `CAST(${inner()} AS ${pick(types)})`,
  ];
  return pick(forms)();
}
