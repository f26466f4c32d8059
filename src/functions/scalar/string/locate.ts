import type { FunctionDefinition } from '../../../expr/index.ts';
import { defineFunction } from '../define-function.ts';

/** Where the n-th occurrence of a string is, from a position; Flink's and ksqlDB's spellings of position(). */
export const locateFunctions: readonly FunctionDefinition[] = [
  defineFunction<[string, string]>({
    signature: 'instr(text, text) -> int4',
    family: 'string',
    description: 'Position of the second string in the first, from 1; 0 if it is not there (as in Flink and ksqlDB)',
    examples: [
      ["instr('CORPORATE FLOOR', 'OR')", '2'],
      ["instr('abc', 'z')", '0'],
      ["instr(NULL, 'z')", null],
    ],
    evaluate: ([whole, part]) => occurrence(whole, part, 1, 1),
  }),
  defineFunction<[string, string, number]>({
    signature: 'instr(text, text, int4) -> int4',
    family: 'string',
    description: 'Position of the second string at or behind a position; a negative one counts from the end and searches backwards (as in ksqlDB)',
    examples: [
      ["instr('CORPORATE FLOOR', 'OR', 3)", '5'],
      ["instr('CORPORATE FLOOR', 'OR', -3)", '5'],
    ],
    evaluate: ([whole, part, from]) => occurrence(whole, part, from, 1),
  }),
  defineFunction<[string, string, number, number]>({
    signature: 'instr(text, text, int4, int4) -> int4',
    family: 'string',
    description: 'Position of the n-th occurrence of the second string from a position (as in ksqlDB)',
    examples: [
      ["instr('CORPORATE FLOOR', 'OR', 3, 2)", '14'],
      ["instr('CORPORATE FLOOR', 'OR', -3, 2)", '2'],
      ["instr('CORPORATE FLOOR', 'OR', 1, 9)", '0'],
    ],
    evaluate: ([whole, part, from, count]) => occurrence(whole, part, from, count),
  }),
  defineFunction<[string, string]>({
    signature: 'locate(text, text) -> int4',
    family: 'string',
    description: 'Position of the first string in the second, from 1; 0 if it is not there (as in Flink)',
    examples: [
      ["locate('om', 'Thomas')", '3'],
      ["locate('om', NULL)", null],
    ],
    evaluate: ([part, whole]) => occurrence(whole, part, 1, 1),
  }),
  defineFunction<[string, string, number]>({
    signature: 'locate(text, text, int4) -> int4',
    family: 'string',
    description: 'Position of the first string in the second at or behind a position (as in Flink)',
    examples: [["locate('a', 'banana', 3)", '4']],
    evaluate: ([part, whole, from]) => (from < 1 ? 0 : occurrence(whole, part, from, 1)),
  }),
];

/** Code points are counted; an empty string occurs nowhere but where a plain search starts. */
function occurrence(whole: string, part: string, from: number, count: number): number {
  const characters = Array.from(whole);
  const wanted = Array.from(part);
  if (wanted.length === 0) return count === 1 && from > 0 && from <= characters.length + 1 ? from : 0;
  if (from === 0 || count < 1) return 0;
  const step = from > 0 ? 1 : -1;
  let left = count;
  for (let at = from > 0 ? from - 1 : characters.length + from; at >= 0 && at < characters.length; at += step) {
    if (wanted.every((character, offset) => characters[at + offset] === character) && --left === 0) return at + 1;
  }
  return 0;
}
