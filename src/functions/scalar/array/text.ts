import type { FunctionDefinition } from '../../../expr/index.ts';
import { type ArrayDatum, type Datum, formatDatum, innermostElement, isNestedArray } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { formatOptions } from '../text-of.ts';

/** Arrays to text and back. */
export const arrayTextFunctions: readonly FunctionDefinition[] = [
  defineFunction<[ArrayDatum, string]>({
    signature: 'array_to_string(anyarray, text) -> text',
    family: 'array',
    description: 'Texts of the elements, separated; NULLs are left out',
    examples: [["array_to_string(ARRAY[1, 2, NULL, 5], ',')", '1,2,5']],
    volatility: 'stable',
    evaluate: ([array, separator], context, types) =>
      join(array, { separator, missing: null }, (value) => formatDatum(innermostElement(types[0]!), value, formatOptions(context))),
  }),
  defineFunction<[ArrayDatum | null, string | null, string | null]>({
    signature: 'array_to_string(anyarray, text, text) -> text',
    family: 'array',
    description: 'Texts of the elements, separated; the third argument stands for NULLs',
    examples: [["array_to_string(ARRAY[1, 2, NULL, 5], ',', '*')", '1,2,*,5']],
    volatility: 'stable',
    nullBehaviour: 'called',
    evaluate: ([array, separator, missing], context, types) => {
      if (array === null || separator === null) return null;
      return join(array, { separator, missing }, (value) => formatDatum(innermostElement(types[0]!), value, formatOptions(context)));
    },
  }),
  defineFunction<[string | null, string | null]>({
    signature: 'string_to_array(text, text) -> text[]',
    family: 'array',
    description: 'Parts between delimiters; a NULL delimiter splits into characters',
    examples: [["string_to_array('xx~~yy~~zz', '~~')", '{xx,yy,zz}']],
    nullBehaviour: 'called',
    evaluate: ([text, delimiter]) => (text === null ? null : { elements: splitText(text, delimiter) }),
  }),
  defineFunction<[string | null, string | null, string | null]>({
    signature: 'string_to_array(text, text, text) -> text[]',
    family: 'array',
    description: 'Parts between delimiters; those equal to the third argument become NULL',
    examples: [["string_to_array('xx~~yy~~zz', '~~', 'yy')", '{xx,NULL,zz}']],
    nullBehaviour: 'called',
    evaluate: ([text, delimiter, missing]) =>
      text === null ? null : { elements: splitText(text, delimiter).map((part) => (part === missing ? null : part)) },
  }),
];

function splitText(text: string, delimiter: string | null): string[] {
  if (text === '') return [];
  if (delimiter === null) return Array.from(text);
  return delimiter === '' ? [text] : text.split(delimiter);
}

function join(array: ArrayDatum, options: { separator: string; missing: string | null }, format: (value: Datum) => string): string {
  const parts: string[] = [];
  const visit = (value: Datum | null): void => {
    if (isNestedArray(value)) value.elements.forEach(visit);
    else if (value !== null) parts.push(format(value));
    else if (options.missing !== null) parts.push(options.missing);
  };
  visit(array);
  return parts.join(options.separator);
}
