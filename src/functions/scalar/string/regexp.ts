import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import { type ArrayDatum, codePointLength } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { BoundedExpression, type CompiledExpression, compileExpression, emitGroup, emitMatches } from '../pattern/index.ts';

/** Functions over POSIX regular expressions; see pattern/regular-expression.ts for what is supported. */
export const regexpFunctions: readonly FunctionDefinition[] = [
  defineFunction<[string, string, string]>({
    signature: 'regexp_replace(text, text, text) -> text',
    family: 'string',
    description: 'Replaces the first match; \\1 to \\9 stand for groups, \\& for the match',
    examples: [["regexp_replace('Thomas', '.[mN]a.', 'M')", 'ThM']],
    fallible: true,
    evaluate: ([text, pattern, replacement]) => replace(text, compileExpression(pattern), replacement),
  }),
  defineFunction<[string, string, string, string]>({
    signature: 'regexp_replace(text, text, text, text) -> text',
    family: 'string',
    description: 'Replaces the first match, with flag g every one',
    examples: [["regexp_replace('foobarbaz', 'b(..)', 'X\\1Y', 'g')", 'fooXarYXazY']],
    fallible: true,
    evaluate: ([text, pattern, replacement, flags]) => replace(text, compileExpression(pattern, flags), replacement),
  }),
  defineFunction<[string, string]>({
    signature: 'regexp_match(text, text) -> text[]',
    family: 'string',
    description: 'Groups of the first match, or the match itself where there are none; NULL without a match',
    examples: [["regexp_match('foobarbequebaz', '(bar)(beque)')", '{bar,beque}']],
    fallible: true,
    evaluate: ([text, pattern]) => groupsOf(compileExpression(pattern).expression.exec(text)),
  }),
  defineFunction<[string, string, string]>({
    signature: 'regexp_match(text, text, text) -> text[]',
    family: 'string',
    description: 'Groups of the first match, with flags',
    examples: [["regexp_match('FOObar', 'o+', 'i')", '{OO}']],
    fallible: true,
    evaluate: ([text, pattern, flags]) => groupsOf(compileExpression(pattern, withoutGlobal(flags, 'regexp_match')).expression.exec(text)),
  }),
  defineFunction<[string, string]>({
    signature: 'regexp_like(text, text) -> bool',
    family: 'string',
    description: 'Whether the expression matches anywhere',
    examples: [["regexp_like('Hello World', 'world$')", 'f']],
    fallible: true,
    evaluate: ([text, pattern]) => compileExpression(pattern).expression.test(text),
    emit: (args, context) => emitMatches(args, context, { flags: '', negated: false }),
  }),
  defineFunction<[string, string, string]>({
    signature: 'regexp_like(text, text, text) -> bool',
    family: 'string',
    description: 'Whether the expression matches anywhere, with flags',
    examples: [["regexp_like('Hello World', 'world$', 'i')", 't']],
    fallible: true,
    evaluate: ([text, pattern, flags]) => compileExpression(pattern, withoutGlobal(flags, 'regexp_like')).expression.test(text),
  }),
  defineFunction<[string, string]>({
    signature: 'regexp_count(text, text) -> int4',
    family: 'string',
    description: 'Number of matches',
    examples: [["regexp_count('123456789012', '\\d\\d\\d')", '4']],
    fallible: true,
    evaluate: ([text, pattern]) => text.match(everywhere(compileExpression(pattern)))?.length ?? 0,
  }),
  defineFunction<[string, string]>({
    signature: 'regexp_substr(text, text) -> text',
    family: 'string',
    description: 'The first match, or NULL',
    examples: [["regexp_substr('ABCDEF', 'C.')", 'CD']],
    fallible: true,
    evaluate: ([text, pattern]) => compileExpression(pattern).expression.exec(text)?.[0] ?? null,
    emit: (args, context) => emitGroup(args, context, 0),
  }),
  defineFunction<[string, string]>({
    signature: 'regexp_instr(text, text) -> int4',
    family: 'string',
    description: 'Position of the first match, from 1; 0 without one',
    examples: [["regexp_instr('ABCDEF', 'c(.)(..)')", '0']],
    fallible: true,
    evaluate: ([text, pattern]) => {
      const match = compileExpression(pattern).expression.exec(text);
      return match === null ? 0 : codePointLength(text.slice(0, match.index)) + 1;
    },
  }),
  defineFunction<[string, string]>({
    signature: 'regexp_split_to_array(text, text) -> text[]',
    family: 'string',
    description: 'The parts between matches',
    examples: [["regexp_split_to_array('hello world', '\\s+')", '{hello,world}']],
    fallible: true,
    evaluate: ([text, pattern]) => ({ elements: splitByExpression(text, compileExpression(pattern)) }),
  }),
  defineFunction<[string, string]>({
    signature: 'regexp_extract(text, text) -> text',
    family: 'string',
    description: 'The first match, or NULL (as in Flink)',
    examples: [["regexp_extract('foothebar', 'the.')", 'theb']],
    fallible: true,
    evaluate: ([text, pattern]) => compileExpression(pattern).expression.exec(text)?.[0] ?? null,
    emit: (args, context) => emitGroup(args, context, 0),
  }),
  defineFunction<[string, string, number]>({
    signature: 'regexp_extract(text, text, int4) -> text',
    family: 'string',
    description: 'A group of the first match, 0 for all of it, or NULL (as in Flink)',
    examples: [["regexp_extract('url?a=1&channel_id=apple', '(&|^)channel_id=([^&]*)', 2)", 'apple']],
    fallible: true,
    evaluate: ([text, pattern, group]) => (group < 0 ? null : (compileExpression(pattern).expression.exec(text)?.[group] ?? null)),
    emit: (args, context) => (typeof args[2]!.constant === 'number' ? emitGroup(args, context, args[2]!.constant) : null),
  }),
  defineFunction<[string, string]>({
    signature: 'regexp_extract_all(text, text) -> text[]',
    family: 'string',
    description: 'The first group of every match, the match itself where there are no groups; NULL without a match (as in Flink)',
    examples: [
      ["regexp_extract_all('100-200, 300-400', '(\\d+)-(\\d+)')", '{100,300}'],
      ["regexp_extract_all('Hello1Hello2', 'Hello.')", '{Hello1,Hello2}'],
      ["regexp_extract_all('a', 'b')", null],
    ],
    fallible: true,
    evaluate: ([text, pattern]) => everyGroup(text, compileExpression(pattern), null),
  }),
  defineFunction<[string, string, number]>({
    signature: 'regexp_extract_all(text, text, int4) -> text[]',
    family: 'string',
    description: 'A group of every match, 0 for all of it; NULL without a match or such a group (as in Flink)',
    examples: [
      ["regexp_extract_all('100-200, 300-400', '(\\d+)-(\\d+)', 2)", '{200,400}'],
      ["regexp_extract_all('100-200', '(\\d+)', 2)", null],
    ],
    fallible: true,
    evaluate: ([text, pattern, group]) => everyGroup(text, compileExpression(pattern), group),
  }),
];

/** Without a group the first one, or the whole match where the expression has none. */
function everyGroup(text: string, compiled: CompiledExpression, group: number | null): ArrayDatum | null {
  const matches = [...text.matchAll(everywhere(compiled))];
  const wanted = group ?? Math.min(1, (matches[0]?.length ?? 1) - 1);
  if (matches.length === 0 || wanted < 0 || wanted >= matches[0]!.length) return null;
  return { elements: matches.map((match) => match[wanted] ?? null) };
}

/** Pieces of a text between matches; an empty match splits single characters, as in PostgreSQL. */
export function splitByExpression(text: string, compiled: CompiledExpression): string[] {
  const parts: string[] = [];
  let start = 0;
  for (const match of text.matchAll(everywhere(compiled))) {
    const end = match.index + match[0].length;
    // Empty matches at the very start, at the end and right behind a match do not split.
    if (match[0] === '' && (match.index === start || match.index >= text.length)) continue;
    parts.push(text.slice(start, match.index));
    start = end;
  }
  parts.push(text.slice(start));
  return parts;
}

export function everywhere(compiled: CompiledExpression): RegExp {
  return new BoundedExpression(compiled.expression.source, `${compiled.expression.flags}g`);
}

export function groupsOf(match: RegExpExecArray | RegExpMatchArray | null): ArrayDatum | null {
  if (match === null) return null;
  return { elements: match.length === 1 ? [match[0]] : match.slice(1).map((group) => group ?? null) };
}

function replace(text: string, compiled: CompiledExpression, replacement: string): string {
  const expression = compiled.global ? everywhere(compiled) : compiled.expression;
  return text.replace(expression, (...args: unknown[]) => {
    const groups = args.slice(
      0,
      args.findIndex((arg, index) => index > 0 && typeof arg === 'number'),
    ) as (string | undefined)[];
    return replacement.replace(/\\(?:([1-9])|(&)|(\\)|(.?))/gs, (whole, group, all, backslash) => {
      if (group !== undefined) return groups[Number(group)] ?? '';
      if (all !== undefined) return groups[0]!;
      return backslash !== undefined ? '\\' : whole;
    });
  });
}

function withoutGlobal(flags: string, name: string): string {
  if (flags.includes('g')) {
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: `${name}() does not support the "global" option`,
      hint: name === 'regexp_match' ? 'Use the regexp_matches function instead.' : undefined,
    });
  }
  return flags;
}
