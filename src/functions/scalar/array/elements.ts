import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import { type ArrayDatum, addDecimals, type Datum, type Decimal, decimalFromInteger, isNestedArray } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

/** What other systems do with the elements of an array: turn, cut, add up. */
export const arrayElementFunctions: readonly FunctionDefinition[] = [
  defineFunction<[ArrayDatum]>({
    signature: 'array_reverse(anyarray) -> anyarray',
    family: 'array',
    description: 'The elements from the last to the first',
    examples: [['array_reverse(ARRAY[1, 2, NULL])', '{NULL,2,1}']],
    evaluate: ([array]) => ({ elements: [...array.elements].reverse() }),
  }),
  defineFunction<[ArrayDatum, number, number]>({
    signature: 'slice(anyarray, int4, int4) -> anyarray',
    family: 'array',
    description: 'The elements from one position to another, both from 1 and both included (as in ksqlDB)',
    examples: [['slice(ARRAY[1, 2, 3, 4], 2, 3)', '{2,3}']],
    evaluate: ([array, from, to]) => ({ elements: array.elements.slice(Math.max(from - 1, 0), Math.max(to, 0)) }),
  }),
  defineFunction<[ArrayDatum]>({
    signature: 'element(anyarray) -> anyelement',
    family: 'array',
    description: 'The only element; NULL of an empty array, an error with several (as in Flink)',
    examples: [['element(ARRAY[7])', '7']],
    fallible: true,
    evaluate: ([{ elements }]) => {
      if (elements.length > 1) throw new SqlError({ code: SqlState.cardinalityViolation, message: 'the array has more than one element' });
      return elements[0] ?? null;
    },
  }),
  defineFunction<[ArrayDatum]>({
    signature: 'array_sum(int4[]) -> int8',
    family: 'array',
    description: 'Sum of the elements that are not NULL; NULL without any (as in RisingWave)',
    examples: [['array_sum(ARRAY[1, 2, NULL])', '3']],
    evaluate: ([array]) => {
      const values = presentOf(array) as number[];
      return values.length === 0 ? null : values.reduce((sum, value) => sum + BigInt(value), 0n);
    },
  }),
  defineFunction<[ArrayDatum]>({
    signature: 'array_sum(int8[]) -> numeric',
    family: 'array',
    description: 'Sum of the elements that are not NULL; NULL without any (as in RisingWave)',
    examples: [['array_sum(ARRAY[1::bigint, 2])', '3']],
    evaluate: ([array]) => {
      const values = presentOf(array) as bigint[];
      return values.length === 0 ? null : decimalFromInteger(values.reduce((sum, value) => sum + value, 0n));
    },
  }),
  defineFunction<[ArrayDatum]>({
    signature: 'array_sum(numeric[]) -> numeric',
    family: 'array',
    description: 'Sum of the elements that are not NULL; NULL without any (as in RisingWave)',
    examples: [['array_sum(ARRAY[1.5, 2])', '3.5']],
    fallible: true,
    evaluate: ([array]) => {
      const values = presentOf(array) as Decimal[];
      return values.length === 0 ? null : values.reduce(addDecimals);
    },
  }),
  defineFunction<[ArrayDatum]>({
    signature: 'array_sum(float8[]) -> float8',
    family: 'array',
    description: 'Sum of the elements that are not NULL; NULL without any (as in RisingWave)',
    examples: [['array_sum(ARRAY[1.5, 2]::float8[])', '3.5']],
    evaluate: ([array]) => {
      const values = presentOf(array) as number[];
      return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
    },
  }),
  defineFunction<(Datum | null)[]>({
    signature: 'num_nulls(variadic any) -> int4',
    family: 'conditional',
    description: 'How many arguments are NULL',
    examples: [['num_nulls(1, NULL, 2)', '1']],
    nullBehaviour: 'called',
    evaluate: (args) => args.filter((arg) => arg === null).length,
  }),
  defineFunction<(Datum | null)[]>({
    signature: 'num_nonnulls(variadic any) -> int4',
    family: 'conditional',
    description: 'How many arguments are not NULL',
    examples: [['num_nonnulls(1, NULL, 2)', '2']],
    nullBehaviour: 'called',
    evaluate: (args) => args.filter((arg) => arg !== null).length,
  }),
  defineFunction<[Datum | null]>({
    signature: 'as_value(any) -> any',
    family: 'conditional',
    description: 'The value itself: a key as a value (as in ksqlDB)',
    examples: [["as_value('k'::text)", 'k']],
    resultType: ([type]) => type!,
    nullBehaviour: 'called',
    evaluate: ([value]) => value,
  }),
];

function presentOf(array: ArrayDatum): Datum[] {
  return array.elements.flatMap((element) => (isNestedArray(element) ? presentOf(element) : element === null ? [] : [element]));
}
