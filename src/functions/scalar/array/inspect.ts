import type { FunctionDefinition } from '../../../expr/index.ts';
import { type ArrayDatum, type Datum, datumsEqual, innermostElement, isNestedArray, type SqlType } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

/** Functions that look into arrays. */
export const arrayInspectFunctions: readonly FunctionDefinition[] = [
  defineFunction<[ArrayDatum, ...number[]]>({
    signature: 'array_get(anyarray, int4, variadic int4) -> anyelement',
    family: 'array',
    description: 'The element at subscripts from 1, one a dimension, or NULL where there is none: array[n], array[n][m]',
    examples: [
      ["array_get(ARRAY['a','b'], 2)", 'b'],
      ['array_get(ARRAY[[1,2], [3,4]], 2, 1)', '3'],
      ['array_get(ARRAY[[1,2], [3,4]], 2)', null],
    ],
    resultType: ([type]) => (type?.kind === 'array' ? type.element : { kind: 'unknown' }),
    evaluate: ([array, ...subscripts], _, [type]) => elementAt(array, subscripts, type!),
  }),
  defineFunction<[ArrayDatum, number]>({
    signature: 'array_length(anyarray, int4) -> int4',
    family: 'array',
    description: 'Length of a dimension, or NULL where there is none',
    examples: [
      ['array_length(ARRAY[1,2,3], 1)', '3'],
      ["array_length('{}'::int[], 1)", null],
    ],
    evaluate: ([array, dimension]) => dimensionsOf(array)[dimension - 1] ?? null,
  }),
  defineFunction<[ArrayDatum, number]>({
    signature: 'array_lower(anyarray, int4) -> int4',
    family: 'array',
    description: 'Lower bound of a dimension, always 1',
    examples: [['array_lower(ARRAY[1,2,3], 1)', '1']],
    evaluate: ([array, dimension]) => (dimensionsOf(array)[dimension - 1] === undefined ? null : 1),
  }),
  defineFunction<[ArrayDatum, number]>({
    signature: 'array_upper(anyarray, int4) -> int4',
    family: 'array',
    description: 'Upper bound of a dimension',
    examples: [['array_upper(ARRAY[1,8,3,7], 1)', '4']],
    evaluate: ([array, dimension]) => dimensionsOf(array)[dimension - 1] ?? null,
  }),
  defineFunction<[ArrayDatum]>({
    signature: 'array_ndims(anyarray) -> int4',
    family: 'array',
    description: 'Number of dimensions; NULL for an empty array',
    examples: [['array_ndims(ARRAY[[1,2,3], [4,5,6]])', '2']],
    evaluate: ([array]) => dimensionsOf(array).length || null,
  }),
  defineFunction<[ArrayDatum]>({
    signature: 'array_dims(anyarray) -> text',
    family: 'array',
    description: 'Bounds of all dimensions as text',
    examples: [['array_dims(ARRAY[[1,2,3], [4,5,6]])', '[1:2][1:3]']],
    evaluate: ([array]) =>
      dimensionsOf(array)
        .map((length) => `[1:${length}]`)
        .join('') || null,
  }),
  defineFunction<[ArrayDatum]>({
    signature: 'cardinality(anyarray) -> int4',
    family: 'array',
    description: 'Number of elements, over all dimensions',
    examples: [['cardinality(ARRAY[[1,2], [3,4]])', '4']],
    evaluate: ([array]) => dimensionsOf(array).reduce((product, length) => product * length, array.elements.length === 0 ? 0 : 1),
  }),
  defineFunction<[ArrayDatum | null, Datum | null]>({
    signature: 'array_position(anycompatiblearray, anycompatible) -> int4',
    family: 'array',
    description: 'Subscript of the first element equal to the value, or NULL',
    examples: [["array_position(ARRAY['sun','mon','tue'], 'mon')", '2']],
    nullBehaviour: 'called',
    evaluate: ([array, value], _context, types) => {
      if (array === null) return null;
      const index = array.elements.findIndex((element) => matches(types[0]!, element, value));
      return index < 0 ? null : index + 1;
    },
  }),
  defineFunction<[ArrayDatum | null, Datum | null]>({
    signature: 'array_positions(anycompatiblearray, anycompatible) -> int4[]',
    family: 'array',
    description: 'Subscripts of all elements equal to the value',
    examples: [["array_positions(ARRAY['A','A','B','A'], 'A')", '{1,2,4}']],
    nullBehaviour: 'called',
    evaluate: ([array, value], _context, types) =>
      array === null ? null : { elements: array.elements.flatMap((element, index) => (matches(types[0]!, element, value) ? [index + 1] : [])) },
  }),
  defineFunction<[ArrayDatum | null, Datum | null]>({
    signature: 'array_contains(anycompatiblearray, anycompatible) -> bool',
    family: 'array',
    description: 'Whether an element equals the value (as in Flink)',
    examples: [['array_contains(ARRAY[1,2], 2)', 't']],
    nullBehaviour: 'called',
    evaluate: ([array, value], _context, types) => array?.elements.some((element) => matches(types[0]!, element, value)) ?? null,
  }),
];

function matches(type: SqlType, element: Datum | null, value: Datum | null): boolean {
  if (element === null || value === null) return element === value;
  return datumsEqual(innermostElement(type), element, value);
}

/** Lengths of all dimensions; an empty array has none. */
function dimensionsOf(array: ArrayDatum): number[] {
  if (array.elements.length === 0) return [];
  const first = array.elements[0]!;
  return [array.elements.length, ...(isNestedArray(first) ? dimensionsOf(first) : [])];
}

/** An array whose elements are declared to be arrays has one dimension of them; any other one has those of its value, and no element is itself an array. */
function elementAt(array: ArrayDatum, subscripts: readonly number[], type: SqlType): Datum | null {
  let value: Datum | null = array;
  for (const subscript of subscripts) {
    if (!isNestedArray(value)) return null;
    value = subscript < 1 ? null : (value.elements[subscript - 1] ?? null);
  }
  const whole = type.kind === 'array' && type.element.kind === 'array';
  return isNestedArray(value) && !whole ? null : value;
}
