import type { FunctionDefinition } from '../../../expr/index.ts';
import { defineFunction } from '../define-function.ts';

/** lower, upper, initcap. */
export const caseFunctions: readonly FunctionDefinition[] = [
  defineFunction<[string]>({
    signature: 'lower(text) -> text',
    family: 'string',
    description: 'All letters in lower case',
    examples: [["lower('TOM')", 'tom']],
    evaluate: ([text]) => simpleLower(text),
  }),
  defineFunction<[string]>({
    signature: 'upper(text) -> text',
    family: 'string',
    description: 'All letters in upper case',
    examples: [["upper('tom')", 'TOM']],
    evaluate: ([text]) => simpleUpper(text),
  }),
  defineFunction<[string]>({
    signature: 'initcap(text) -> text',
    family: 'string',
    description: 'The first letter of each word in upper case, the rest in lower case',
    examples: [["initcap('hi THOMAS')", 'Hi Thomas']],
    evaluate: ([text]) => simpleLower(text).replace(/[\p{L}\p{N}]+/gu, (word) => simpleUpper(first(word)) + word.slice(first(word).length)),
  }),
];

/** Case mappings of Unicode that keep one character one character, as PostgreSQL's built-in C.UTF-8 does: the sharp s has no capital. */
function simpleUpper(text: string): string {
  const upper = text.toUpperCase();
  return upper.length === text.length ? upper : Array.from(text, (letter) => keepLength(letter, letter.toUpperCase())).join('');
}

function simpleLower(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : Array.from(text, (letter) => keepLength(letter, letter.toLowerCase())).join('');
}

function keepLength(letter: string, mapped: string): string {
  return Array.from(mapped).length === 1 ? mapped : letter;
}

function first(word: string): string {
  return String.fromCodePoint(word.codePointAt(0)!);
}
