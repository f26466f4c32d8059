import type { FunctionDefinition } from '../../../expr/index.ts';
import { defineFunction } from '../define-function.ts';

const SIDES = [
  ['btrim', 'Removes characters of a set (default: blanks) from both ends', true, true, 'trim'],
  ['ltrim', 'Removes characters of a set (default: blanks) from the start', true, false, 'trimxyz'],
  ['rtrim', 'Removes characters of a set (default: blanks) from the end', false, true, 'xyztrim'],
] as const;

/** btrim, ltrim, rtrim; TRIM(BOTH … FROM …) is btrim and so on. */
export const trimFunctions: readonly FunctionDefinition[] = SIDES.flatMap(([name, description, start, end, result]) => [
  defineFunction<[string]>({
    signature: `${name}(text) -> text`,
    family: 'string',
    description,
    examples: [[`${name}('trim')`, 'trim']],
    evaluate: ([text]) => trim(text, ' ', { start, end }),
  }),
  defineFunction<[string, string]>({
    signature: `${name}(text, text) -> text`,
    family: 'string',
    description,
    examples: [[`${name}('xyztrimxyz', 'xyz')`, result]],
    evaluate: ([text, characters]) => trim(text, characters, { start, end }),
  }),
]);

function trim(text: string, characters: string, sides: { start: boolean; end: boolean }): string {
  const set = new Set(characters);
  const letters = Array.from(text);
  let from = 0;
  let to = letters.length;
  while (sides.start && from < to && set.has(letters[from]!)) from++;
  while (sides.end && to > from && set.has(letters[to - 1]!)) to--;
  return letters.slice(from, to).join('');
}
