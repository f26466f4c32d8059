import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import { defineFunction } from '../define-function.ts';

/** split_part (PostgreSQL, from 1), split_index (Flink, from 0), split (all parts), and elt, which picks one of its arguments. */
export const splitFunctions: readonly FunctionDefinition[] = [
  defineFunction<[string, string, number]>({
    signature: 'split_part(text, text, int4) -> text',
    family: 'string',
    description: 'The n-th part between delimiters, from 1; negative counts from the end; empty if there are fewer',
    examples: [
      ["split_part('abc~@~def~@~ghi', '~@~', 2)", 'def'],
      ["split_part('abc,def,ghi,jkl', ',', -2)", 'ghi'],
    ],
    fallible: true,
    evaluate: ([text, delimiter, field]) => {
      if (field === 0) throw new SqlError({ code: SqlState.invalidParameterValue, message: 'field position must not be zero' });
      if (text === '') return '';
      const parts = delimiter === '' ? [text] : text.split(delimiter);
      return parts.at(field > 0 ? field - 1 : field) ?? '';
    },
  }),
  defineFunction<[string, string, number]>({
    signature: 'split_index(text, text, int4) -> text',
    family: 'string',
    description: 'The n-th part between delimiters, from 0; NULL if there are fewer (as in Flink)',
    examples: [["split_index('https://www.nexmark.com/bids/item', '/', 3)", 'bids']],
    evaluate: ([text, delimiter, index]) => (index < 0 || delimiter === '' ? null : (text.split(delimiter)[index] ?? null)),
  }),
  defineFunction<[string, string]>({
    signature: 'split(text, text) -> text[]',
    family: 'string',
    description: 'All parts between delimiters; an empty delimiter gives the characters (as in Flink and ksqlDB)',
    examples: [
      ["split('a,b,,c', ',')", '{a,b,"",c}'],
      ["split('abc', '')", '{a,b,c}'],
      ["split(NULL, ',')", null],
    ],
    evaluate: ([text, delimiter]) => ({ elements: delimiter === '' ? Array.from(text) : text.split(delimiter) }),
  }),
  defineFunction<[number | null, ...(string | null)[]]>({
    signature: 'elt(int4, variadic text) -> text',
    family: 'string',
    description: 'The argument of this number, from 1; NULL if there is none (as in Flink)',
    examples: [
      ["elt(2, 'scala', 'java')", 'java'],
      ["elt(3, 'scala', 'java')", null],
      ["elt(1, 'scala', NULL)", 'scala'],
    ],
    nullBehaviour: 'called',
    evaluate: ([index, ...texts]) => (index === null || index < 1 ? null : (texts[index - 1] ?? null)),
  }),
];
