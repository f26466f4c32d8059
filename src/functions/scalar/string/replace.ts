import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import { codePointLength } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

/** replace, translate, overlay, reverse. */
export const replaceFunctions: readonly FunctionDefinition[] = [
  defineFunction<[string, string, string]>({
    signature: 'replace(text, text, text) -> text',
    family: 'string',
    description: 'Replaces every occurrence of the second string by the third',
    examples: [["replace('abcdefabcdef', 'cd', 'XX')", 'abXXefabXXef']],
    evaluate: ([text, from, to]) => (from === '' ? text : text.split(from).join(to)),
  }),
  defineFunction<[string, string, string]>({
    signature: 'translate(text, text, text) -> text',
    family: 'string',
    description: 'Replaces single characters of one set by those of another; characters without a partner are dropped',
    examples: [["translate('12345', '143', 'ax')", 'a2x5']],
    evaluate: ([text, from, to]) => {
      const targets = Array.from(to);
      const map = new Map<string, string>();
      Array.from(from).forEach((character, index) => {
        if (!map.has(character)) map.set(character, targets[index] ?? '');
      });
      return Array.from(text, (character) => map.get(character) ?? character).join('');
    },
  }),
  defineFunction<[string, string, number]>({
    signature: 'overlay(text, text, int4) -> text',
    family: 'string',
    description: 'Writes the second string over the first from a position on',
    examples: [["overlay('Txxxxas' placing 'hom' from 2)", 'Thomxas']],
    fallible: true,
    evaluate: ([text, replacement, start]) => overlay(text, replacement, start, codePointLength(replacement)),
  }),
  defineFunction<[string, string, number, number]>({
    signature: 'overlay(text, text, int4, int4) -> text',
    family: 'string',
    description: 'Puts the second string in the place of some characters of the first',
    examples: [["overlay('Txxxxas' placing 'hom' from 2 for 4)", 'Thomas']],
    fallible: true,
    evaluate: ([text, replacement, start, count]) => overlay(text, replacement, start, count),
  }),
  defineFunction<[string]>({
    signature: 'reverse(text) -> text',
    family: 'string',
    description: 'The characters in reverse order',
    examples: [["reverse('abcde')", 'edcba']],
    evaluate: ([text]) => Array.from(text).reverse().join(''),
  }),
];

function overlay(text: string, replacement: string, start: number, count: number): string {
  if (start <= 0) throw new SqlError({ code: SqlState.substringError, message: 'negative substring length not allowed' });
  const letters = Array.from(text);
  return letters.slice(0, start - 1).join('') + replacement + letters.slice(Math.max(0, start - 1 + count)).join('');
}
