import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import { defineFunction } from '../define-function.ts';

/** Longest text a function may build: PostgreSQL's limit of one value. */
const TEXT_LENGTH_MAX = 256 * 1024 * 1024;

/** lpad, rpad, repeat. */
export const padFunctions: readonly FunctionDefinition[] = [
  ...(['lpad', 'rpad'] as const).flatMap((name) => [
    defineFunction<[string, number]>({
      signature: `${name}(text, int4) -> text`,
      family: 'string',
      description: 'Fills up with blanks to this length, or cuts to it',
      examples: [[`${name}('hi', 4)`, name === 'lpad' ? '  hi' : 'hi  ']],
      fallible: true,
      evaluate: ([text, length]) => pad(text, length, { fill: ' ', left: name === 'lpad' }),
    }),
    defineFunction<[string, number, string]>({
      signature: `${name}(text, int4, text) -> text`,
      family: 'string',
      description: 'Fills up with the third argument to this length, or cuts to it',
      examples: [[`${name}('hi', 5, 'xy')`, name === 'lpad' ? 'xyxhi' : 'hixyx']],
      fallible: true,
      evaluate: ([text, length, fill]) => pad(text, length, { fill, left: name === 'lpad' }),
    }),
  ]),
  defineFunction<[string, number]>({
    signature: 'repeat(text, int4) -> text',
    family: 'string',
    description: 'The string this many times',
    examples: [["repeat('Pg', 4)", 'PgPgPgPg']],
    fallible: true,
    evaluate: ([text, count]) => {
      checkLength(text.length * Math.max(0, count));
      return text.repeat(Math.max(0, count));
    },
  }),
];

function pad(text: string, length: number, options: { fill: string; left: boolean }): string {
  checkLength(length);
  const letters = Array.from(text);
  if (letters.length >= length || options.fill === '') return letters.slice(0, Math.max(0, length)).join('');
  const fill = Array.from(options.fill);
  const missing = Array.from({ length: length - letters.length }, (_, index) => fill[index % fill.length]!).join('');
  return options.left ? missing + text : text + missing;
}

function checkLength(length: number): void {
  if (length > TEXT_LENGTH_MAX) throw new SqlError({ code: SqlState.programLimitExceeded, message: 'requested length too large' });
}
