import type { FunctionDefinition, LambdaArgument, LambdaEvaluator } from '../../../expr/index.ts';
import { type ArrayDatum, arrayLeaves, arrayOf, type Datum, type SqlType, unknownType } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

const elementOf = (type: SqlType | undefined): SqlType => (type?.kind === 'array' ? type.element : unknownType);

/** A condition over one element. */
const condition: LambdaArgument = { parameters: (types) => [elementOf(types[0])], gives: 'condition' };

/** Functions of arrays with lambdas. */
export const arrayLambdaFunctions: readonly FunctionDefinition[] = [
  ...['transform', 'array_transform'].map((name) =>
    defineFunction<[ArrayDatum]>({
      signature: `${name}(anyarray, lambda) -> anyarray`,
      family: 'array',
      description: 'What the lambda gives for each element',
      examples: [
        [`${name}(ARRAY[1, 2, NULL], x => x + 1)`, '{2,3,NULL}'],
        [`${name}(ARRAY['a', 'b'], |x| x || '!')`, '{a!,b!}'],
      ],
      lambdas: [{ parameters: (types) => [elementOf(types[0])], gives: 'any' }],
      resultType: (types) => (types[1]?.kind === 'array' ? types[1] : arrayOf(types[1] ?? unknownType)),
      evaluate: ([array], _context, _types, [lambda]) => ({ elements: array.elements.map((element) => lambda!([element])) }),
    }),
  ),
  ...['filter', 'array_filter'].map((name) =>
    defineFunction<[ArrayDatum]>({
      signature: `${name}(anyarray, lambda) -> anyarray`,
      family: 'array',
      description: 'The elements for which the condition is true',
      examples: [[`${name}(ARRAY[1, 2, NULL, 3], x => x >= 2)`, '{2,3}']],
      lambdas: [condition],
      resultType: (types) => types[0]!,
      evaluate: ([array], _context, _types, [lambda]) => ({ elements: array.elements.filter((element) => lambda!([element]) === true) }),
    }),
  ),
  ...['reduce', 'array_reduce'].map((name) =>
    defineFunction<[ArrayDatum | null, Datum | null]>({
      signature: `${name}(anyarray, any, lambda) -> any`,
      family: 'array',
      description: 'A state, brought forward by the lambda with each element in turn',
      examples: [
        [`${name}(ARRAY[1, 2, 3], 0, (sum, x) => sum + x)`, '6'],
        [`${name}(ARRAY['a', 'b'], '', (s, x) => s || x)`, 'ab'],
      ],
      nullBehaviour: 'called',
      lambdas: [{ parameters: (types) => [types[1]!, elementOf(types[0])], gives: { likeArgument: 1 } }],
      resultType: (types) => types[1]!,
      evaluate: ([array, state], _context, _types, [lambda]) => (array?.elements ?? []).reduce<Datum | null>((sum, x) => lambda!([sum, x]), state),
    }),
  ),
  defineFunction<[ArrayDatum]>({
    signature: 'any_match(anyarray, lambda) -> bool',
    family: 'array',
    description: 'Whether the condition is true for an element; NULL where it is not known',
    examples: [
      ['any_match(ARRAY[1, 2], x => x > 1)', 't'],
      ['any_match(ARRAY[1, NULL], x => x > 1)', null],
    ],
    lambdas: [condition],
    evaluate: ([array], _context, _types, [lambda]) => anyTrue(array, lambda!),
  }),
  defineFunction<[ArrayDatum]>({
    signature: 'all_match(anyarray, lambda) -> bool',
    family: 'array',
    description: 'Whether the condition is true for all elements; NULL where it is not known',
    examples: [['all_match(ARRAY[1, 2], x => x > 1)', 'f']],
    lambdas: [condition],
    evaluate: ([array], _context, _types, [lambda]) => negate(anyTrue(array, (values) => negate(lambda!(values)))),
  }),
  defineFunction<[ArrayDatum]>({
    signature: 'none_match(anyarray, lambda) -> bool',
    family: 'array',
    description: 'Whether the condition is true for no element; NULL where it is not known',
    examples: [['none_match(ARRAY[1, 2], x => x > 2)', 't']],
    lambdas: [condition],
    evaluate: ([array], _context, _types, [lambda]) => negate(anyTrue(array, lambda!)),
  }),
];

function anyTrue(array: ArrayDatum, lambda: LambdaEvaluator): boolean | null {
  let known = true;
  for (const element of arrayLeaves(array)) {
    const value = lambda([element]);
    if (value === true) return true;
    if (value === null) known = false;
  }
  return known ? false : null;
}

function negate(value: Datum | null): boolean | null {
  return value === null ? null : !value;
}
