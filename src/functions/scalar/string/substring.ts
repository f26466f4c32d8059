import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import { defineFunction } from '../define-function.ts';
import { compileExpression } from '../pattern/index.ts';

/** Parts of a string: by position, from either end, by pattern. */
export const substringFunctions: readonly FunctionDefinition[] = [
  ...(['substring', 'substr'] as const).flatMap((name) => [
    defineFunction<[string, number]>({
      signature: `${name}(text, int4) -> text`,
      family: 'string',
      description: 'From this character on, counted from 1',
      examples: [[`${name}('alphabet', 3)`, 'phabet']],
      evaluate: ([text, start]) => slice(Array.from(text), start, null).join(''),
    }),
    defineFunction<[string, number, number]>({
      signature: `${name}(text, int4, int4) -> text`,
      family: 'string',
      description: 'This many characters from a position counted from 1',
      examples: [
        [`${name}('alphabet', 3, 2)`, 'ph'],
        [`${name}('alphabet', -1, 4)`, 'al'],
      ],
      fallible: true,
      evaluate: ([text, start, count]) => slice(Array.from(text), start, count).join(''),
    }),
    defineFunction<[Uint8Array, number, number]>({
      signature: `${name}(bytea, int4, int4) -> bytea`,
      family: 'binary',
      description: 'This many bytes from a position counted from 1',
      examples: [[`${name}(bytea '\\x1234567890', 3, 2)`, '\\x5678']],
      fallible: true,
      evaluate: ([bytes, start, count]) => Uint8Array.from(slice(Array.from(bytes), start, count)),
    }),
  ]),
  defineFunction<[string, string]>({
    signature: 'substring(text, text) -> text',
    family: 'string',
    description: 'What a regular expression matches, or its first group',
    examples: [
      ["substring('Thomas', '...$')", 'mas'],
      ["substring('foobar', 'o(.)b')", 'o'],
    ],
    fallible: true,
    evaluate: ([text, pattern]) => {
      const match = compileExpression(pattern).expression.exec(text);
      return match === null ? null : match.length > 1 ? (match[1] ?? null) : match[0];
    },
  }),
  defineFunction<[string, number]>({
    signature: 'left(text, int4) -> text',
    family: 'string',
    description: 'The first characters; a negative count leaves out that many at the end',
    examples: [
      ["left('abcde', 2)", 'ab'],
      ["left('abcde', -2)", 'abc'],
    ],
    evaluate: ([text, count]) => Array.from(text).slice(0, count).join(''),
  }),
  defineFunction<[string, number]>({
    signature: 'right(text, int4) -> text',
    family: 'string',
    description: 'The last characters; a negative count leaves out that many at the start',
    examples: [
      ["right('abcde', 2)", 'de'],
      ["right('abcde', -2)", 'cde'],
    ],
    evaluate: ([text, count]) => {
      const characters = Array.from(text);
      return characters.slice(count >= 0 ? Math.max(0, characters.length - count) : -count).join('');
    },
  }),
];

/** SQL's rule: the range [start, start + count) cut to what exists, so that positions before 1 use up the count. */
function slice<T>(items: readonly T[], start: number, count: number | null): readonly T[] {
  if (count === null) return items.slice(Math.max(0, start - 1));
  if (count < 0) throw new SqlError({ code: SqlState.substringError, message: 'negative substring length not allowed' });
  return items.slice(Math.max(0, start - 1), Math.max(0, start - 1 + count));
}
