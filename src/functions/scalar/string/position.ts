import type { FunctionDefinition } from '../../../expr/index.ts';
import { codePointLength } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

/** Where one string stands in another. `position` takes its arguments the other way round in SQL: `position(part in whole)`. */
export const positionFunctions: readonly FunctionDefinition[] = [
  defineFunction<[string, string]>({
    signature: 'strpos(text, text) -> int4',
    family: 'string',
    description: 'Position of the second string in the first, from 1; 0 if it is not there',
    examples: [["strpos('high', 'ig')", '2']],
    evaluate: ([whole, part]) => positionOf(whole, part),
  }),
  defineFunction<[string, string]>({
    signature: 'position(text, text) -> int4',
    family: 'string',
    description: 'position(part in whole): position from 1; 0 if it is not there. The call form takes the whole first',
    examples: [["position('om' in 'Thomas')", '3']],
    evaluate: ([whole, part]) => positionOf(whole, part),
  }),
  defineFunction<[string, string]>({
    signature: 'starts_with(text, text) -> bool',
    family: 'string',
    description: 'Whether the string starts with the prefix',
    examples: [["starts_with('alphabet', 'alph')", 't']],
    evaluate: ([text, prefix]) => text.startsWith(prefix),
  }),
];

function positionOf(whole: string, part: string): number {
  const at = whole.indexOf(part);
  return at < 0 ? 0 : codePointLength(whole.slice(0, at)) + 1;
}
