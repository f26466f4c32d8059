import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import { defineFunction } from '../define-function.ts';

/** split_part (PostgreSQL, from 1) and split_index (Flink, from 0). */
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
];
