import type { FunctionDefinition } from '../../../expr/index.ts';
import { defineFunction } from '../define-function.ts';
import { compileExpression, compileLike, emitMatches, matchLike, similarToExpression } from '../pattern/index.ts';

const LIKES = [
  ['~~', 'LIKE: % stands for any characters, _ for one', false, false, "'abc' LIKE 'a%'", 't'],
  ['!~~', 'NOT LIKE', true, false, "'abc' NOT LIKE 'a%'", 'f'],
  ['~~*', 'ILIKE: like LIKE, without regard to case', false, true, "'ABC' ILIKE 'a_c'", 't'],
  ['!~~*', 'NOT ILIKE', true, true, "'ABC' NOT ILIKE 'a_c'", 'f'],
] as const;
const EXPRESSIONS = [
  ['~', 'Matches a regular expression', false, '', "'thomas' ~ 't.*ma'", 't'],
  ['~*', 'Matches a regular expression without regard to case', false, 'i', "'thomas' ~* 'T.*ma'", 't'],
  ['!~', 'Does not match a regular expression', true, '', "'thomas' !~ 't.*max'", 't'],
  ['!~*', 'Does not match a regular expression, without regard to case', true, 'i', "'thomas' !~* 'T.*ma'", 'f'],
] as const;

/** LIKE and POSIX pattern operators; SIMILAR TO is `~` over similar_to_escape, ESCAPE is like_escape. */
export const patternOperators: readonly FunctionDefinition[] = [
  ...(['text', 'name'] as const).flatMap((kind) => [
    ...LIKES.map(([symbol, description, negated, ignoreCase, sql, result]) =>
      defineFunction<[string, string]>({
        signature: `${kind} ${symbol} text -> bool`,
        family: 'operator',
        description,
        examples: [[kind === 'text' ? sql : `name ${sql}`, result]],
        fallible: true,
        evaluate: ([text, pattern]) => {
          const matches = ignoreCase ? matchLike(text.toLowerCase(), compileLike(pattern.toLowerCase())) : matchLike(text, compileLike(pattern));
          return matches !== negated;
        },
      }),
    ),
    ...EXPRESSIONS.map(([symbol, description, negated, flags, sql, result]) =>
      defineFunction<[string, string]>({
        signature: `${kind} ${symbol} text -> bool`,
        family: 'operator',
        description,
        examples: [[kind === 'text' ? sql : `name ${sql}`, result]],
        fallible: true,
        evaluate: ([text, pattern]) => compileExpression(pattern, flags).expression.test(text) !== negated,
        emit: (args, context) => emitMatches(args, context, { flags, negated }),
      }),
    ),
  ]),
  defineFunction<[string, string]>({
    signature: 'text ^@ text -> bool',
    family: 'operator',
    description: 'Starts with',
    examples: [["'alphabet' ^@ 'alph'", 't']],
    evaluate: ([text, prefix]) => text.startsWith(prefix),
  }),
  defineFunction<[string, string]>({
    signature: 'like_escape(text, text) -> text',
    family: 'operator',
    description: 'The LIKE pattern with another escape character, rewritten to use the backslash',
    examples: [["like_escape('a#%b', '#')", 'a\\%b']],
    fallible: true,
    evaluate: ([pattern, mark]) => rewriteEscape(pattern, mark),
  }),
  defineFunction<[string]>({
    signature: 'similar_to_escape(text) -> text',
    family: 'operator',
    description: 'The regular expression of a SIMILAR TO pattern',
    examples: [["similar_to_escape('a_%')", '^(?:a..*)$']],
    fallible: true,
    evaluate: ([pattern]) => similarToExpression(pattern, '\\'),
  }),
  defineFunction<[string, string]>({
    signature: 'similar_to_escape(text, text) -> text',
    family: 'operator',
    description: 'The regular expression of a SIMILAR TO pattern with this escape character',
    examples: [["similar_to_escape('a#%%', '#')", '^(?:a\\%.*)$']],
    fallible: true,
    evaluate: ([pattern, mark]) => similarToExpression(pattern, mark),
  }),
];

function rewriteEscape(pattern: string, mark: string): string {
  if (mark === '\\') return pattern;
  let out = '';
  const characters = Array.from(pattern);
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!;
    if (mark !== '' && character === mark) out += `\\${characters[++i] ?? ''}`;
    else out += character === '\\' ? '\\\\' : character;
  }
  return out;
}
