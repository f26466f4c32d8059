import type { FunctionDefinition } from '../../../expr/index.ts';
import { defineFunction } from '../define-function.ts';

/** lower, upper, initcap. */
export const caseFunctions: readonly FunctionDefinition[] = [
  defineFunction<[string]>({
    signature: 'lower(text) -> text',
    family: 'string',
    description: 'All letters in lower case',
    examples: [["lower('TOM')", 'tom']],
    evaluate: ([text]) => text.toLowerCase(),
  }),
  defineFunction<[string]>({
    signature: 'upper(text) -> text',
    family: 'string',
    description: 'All letters in upper case',
    examples: [["upper('tom')", 'TOM']],
    evaluate: ([text]) => text.toUpperCase(),
  }),
  defineFunction<[string]>({
    signature: 'initcap(text) -> text',
    family: 'string',
    description: 'The first letter of each word in upper case, the rest in lower case',
    examples: [["initcap('hi THOMAS')", 'Hi Thomas']],
    evaluate: ([text]) =>
      text
        .toLowerCase()
        .replace(
          /[\p{L}\p{N}]+/gu,
          (word) => String.fromCodePoint(word.codePointAt(0)!).toUpperCase() + word.slice(String.fromCodePoint(word.codePointAt(0)!).length),
        ),
  }),
];
