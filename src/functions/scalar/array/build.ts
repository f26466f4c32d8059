import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import { type ArrayDatum, arrayOf, type Datum, datumsEqual, innermostElement, isNestedArray, type SqlType } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { joinArrays } from '../operators/concatenation.ts';

const ELEMENTS_MAX = 134_217_727;

/** Functions that make arrays. */
export const arrayBuildFunctions: readonly FunctionDefinition[] = [
  defineFunction<[ArrayDatum | null, Datum | null]>({
    signature: 'array_append(anycompatiblearray, anycompatible) -> anycompatiblearray',
    family: 'array',
    description: 'Adds an element at the end',
    examples: [['array_append(ARRAY[1,2], 3)', '{1,2,3}']],
    nullBehaviour: 'called',
    evaluate: ([array, element]) => ({ elements: [...(array?.elements ?? []), element] }),
  }),
  defineFunction<[Datum | null, ArrayDatum | null]>({
    signature: 'array_prepend(anycompatible, anycompatiblearray) -> anycompatiblearray',
    family: 'array',
    description: 'Adds an element at the start',
    examples: [['array_prepend(1, ARRAY[2,3])', '{1,2,3}']],
    nullBehaviour: 'called',
    evaluate: ([element, array]) => ({ elements: [element, ...(array?.elements ?? [])] }),
  }),
  defineFunction<[ArrayDatum | null, ArrayDatum | null]>({
    signature: 'array_cat(anycompatiblearray, anycompatiblearray) -> anycompatiblearray',
    family: 'array',
    description: 'Joins two arrays',
    examples: [['array_cat(ARRAY[1,2,3], ARRAY[4,5])', '{1,2,3,4,5}']],
    nullBehaviour: 'called',
    evaluate: ([left, right]) => joinArrays(left, right),
  }),
  defineFunction<[ArrayDatum | null, Datum | null]>({
    signature: 'array_remove(anycompatiblearray, anycompatible) -> anycompatiblearray',
    family: 'array',
    description: 'Without the elements equal to the value',
    examples: [['array_remove(ARRAY[1,2,3,2], 2)', '{1,3}']],
    nullBehaviour: 'called',
    evaluate: ([array, value], _context, types) =>
      array === null ? null : { elements: array.elements.filter((element) => !same(types[0]!, element, value)) },
  }),
  defineFunction<[ArrayDatum | null, Datum | null, Datum | null]>({
    signature: 'array_replace(anycompatiblearray, anycompatible, anycompatible) -> anycompatiblearray',
    family: 'array',
    description: 'Replaces the elements equal to a value by another',
    examples: [['array_replace(ARRAY[1,2,5,4], 5, 3)', '{1,2,3,4}']],
    nullBehaviour: 'called',
    evaluate: ([array, from, to], _context, types) =>
      array === null ? null : { elements: array.elements.map((element) => (same(types[0]!, element, from) ? to : element)) },
  }),
  defineFunction<[Datum | null, ArrayDatum]>({
    signature: 'array_fill(anyelement, int4[]) -> anyarray',
    family: 'array',
    description: 'An array of these lengths filled with one value',
    examples: [['array_fill(11, ARRAY[2,3])', '{{11,11,11},{11,11,11}}']],
    resultType: (types) => arrayOf(types[0]!),
    nullBehaviour: 'called',
    fallible: true,
    evaluate: ([value, lengths]) => filled(value, lengths.elements as readonly number[]),
  }),
  defineFunction<[ArrayDatum, number]>({
    signature: 'trim_array(anyarray, int4) -> anyarray',
    family: 'array',
    description: 'Without this many elements at the end',
    examples: [['trim_array(ARRAY[1,2,3,4,5,6], 2)', '{1,2,3,4}']],
    fallible: true,
    evaluate: ([array, count]) => {
      if (count < 0 || count > array.elements.length) {
        throw new SqlError({
          code: SqlState.arraySubscriptError,
          message: `number of elements to trim must be between 0 and ${array.elements.length}`,
        });
      }
      return { elements: array.elements.slice(0, array.elements.length - count) };
    },
  }),
  defineFunction<[ArrayDatum, ...number[]]>({
    signature: 'array_slice(anyarray, int4, int4, variadic int4) -> anyarray',
    family: 'array',
    description: 'The elements between two subscripts of each dimension, both included: array[from:to], array[from:to][from:to]',
    examples: [
      ['array_slice(ARRAY[1,2,3,4], 2, 3)', '{2,3}'],
      ['array_slice(ARRAY[[1,2], [3,4]], 1, 2, 2, 2)', '{{2},{4}}'],
    ],
    evaluate: ([array, ...bounds]) => sliced(array, bounds) ?? { elements: [] },
  }),
];

function same(type: SqlType, left: Datum | null, right: Datum | null): boolean {
  if (left === null || right === null) return left === right;
  return datumsEqual(innermostElement(type), left, right);
}

function filled(value: Datum | null, lengths: readonly (number | null)[]): ArrayDatum {
  const total = lengths.reduce<number>((product, length) => product * (length ?? 0), 1);
  if (total > ELEMENTS_MAX) {
    throw new SqlError({ code: SqlState.programLimitExceeded, message: `array size exceeds the maximum allowed (${ELEMENTS_MAX})` });
  }
  if (total === 0) return { elements: [] };
  const level = (depth: number): ArrayDatum => ({
    elements: Array.from({ length: lengths[depth]! }, () => (depth + 1 < lengths.length ? level(depth + 1) : value)),
  });
  return level(0);
}

/** Null where nothing is left in some dimension, or there are more bounds than dimensions. */
function sliced(array: ArrayDatum, bounds: readonly number[]): ArrayDatum | null {
  const [from, to, ...inner] = bounds as [number, number, ...number[]];
  const elements = array.elements.slice(Math.max(0, from - 1), Math.max(0, to));
  if (inner.length === 0) return elements.length === 0 ? null : { elements };
  const parts: ArrayDatum[] = [];
  for (const element of elements) {
    const part = isNestedArray(element) ? sliced(element, inner) : null;
    if (part === null) return null;
    parts.push(part);
  }
  return parts.length === 0 ? null : { elements: parts };
}
