import type { FunctionDefinition } from '../../../expr/index.ts';
import { type ArrayDatum, compareDatums, type Datum, formatDatum, innermostElement, type SqlType } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { formatOptions } from '../text-of.ts';

type Elements = readonly (Datum | null)[];

const setDescriptions: Readonly<Record<string, string>> = {
  array_union: 'The elements of both arrays, each once',
  array_except: 'The elements of the first array that are not in the second, each once',
  array_intersect: 'The elements that are in both arrays, each once',
};

const setExamples: Readonly<Record<string, string>> = {
  array_union: '{1,2,3,4}',
  array_except: '{1}',
  array_intersect: '{2,3}',
};

/** Arrays as sets, and what depends on the order of their elements. NULL is an element like any other; elements keep the order of their first place. */
export const arraySetFunctions: readonly FunctionDefinition[] = [
  defineFunction<[ArrayDatum]>({
    signature: 'array_distinct(anyarray) -> anyarray',
    family: 'array',
    description: 'The elements, each once (as in Flink)',
    examples: [['array_distinct(ARRAY[2, 1, 2, NULL, NULL])', '{2,1,NULL}']],
    evaluate: ([array], _context, [type]) => ({ elements: distinct(array.elements, type!) }),
  }),
  ...['array_union', 'array_except', 'array_intersect'].map((name) =>
    defineFunction<[ArrayDatum, ArrayDatum]>({
      signature: `${name}(anycompatiblearray, anycompatiblearray) -> anycompatiblearray`,
      family: 'array',
      description: setDescriptions[name]!,
      examples: [[`${name}(ARRAY[1, 2, 2, 3], ARRAY[3, 2, 4])`, setExamples[name]!]],
      evaluate: ([left, right], _context, [type]) => ({ elements: distinct(combine(name, left.elements, right.elements, type!), type!) }),
    }),
  ),
  defineFunction<[ArrayDatum]>({
    signature: 'array_sort(anyarray) -> anyarray',
    family: 'array',
    description: 'The elements in ascending order, NULLs last',
    examples: [['array_sort(ARRAY[3, 1, NULL, 2])', '{1,2,3,NULL}']],
    evaluate: ([array], _context, [type]) => ({ elements: array.elements.toSorted((left, right) => compareElements(type!, left, right)) }),
  }),
  ...(['array_max', 'array_min'] as const).map((name) =>
    defineFunction<[ArrayDatum]>({
      signature: `${name}(anyarray) -> anyelement`,
      family: 'array',
      description: `The ${name === 'array_max' ? 'greatest' : 'least'} element that is not NULL`,
      examples: [[`${name}(ARRAY[2, 5, NULL])`, name === 'array_max' ? '5' : '2']],
      evaluate: ([array], _context, [type]) => {
        const sorted = array.elements.filter((element) => element !== null).sort((left, right) => compareElements(type!, left, right));
        return (name === 'array_max' ? sorted.at(-1) : sorted[0]) ?? null;
      },
    }),
  ),
  defineFunction<[ArrayDatum, string]>({
    signature: 'array_join(anyarray, text) -> text',
    family: 'array',
    description: 'Texts of the elements, separated; NULLs are left out (as in Flink)',
    examples: [["array_join(ARRAY['a', NULL, 'b'], '-')", 'a-b']],
    volatility: 'stable',
    evaluate: ([array, separator], context, [type]) =>
      array.elements
        .filter((element) => element !== null)
        .map((element) => formatDatum(innermostElement(type!), element, formatOptions(context)))
        .join(separator),
  }),
];

function combine(name: string, left: Elements, right: Elements, type: SqlType): Elements {
  if (name === 'array_union') return [...left, ...right];
  const wanted = name === 'array_intersect';
  const sorted = right.toSorted((one, other) => compareElements(type, one, other));
  return left.filter((element) => contains(sorted, element, type) === wanted);
}

/** Whether a sorted list has an element. */
function contains(sorted: Elements, element: Datum | null, type: SqlType): boolean {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const order = compareElements(type, sorted[middle]!, element);
    if (order === 0) return true;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

/** Positions sorted by value tell the first place of each. */
function distinct(elements: Elements, type: SqlType): Elements {
  const places = elements.map((_, place) => place);
  places.sort((left, right) => compareElements(type, elements[left]!, elements[right]!) || left - right);
  const first = new Set(places.filter((place, at) => at === 0 || compareElements(type, elements[places[at - 1]!]!, elements[place]!) !== 0));
  return elements.filter((_, place) => first.has(place));
}

/** As arrays compare: NULL is above every value. */
function compareElements(type: SqlType, left: Datum | null, right: Datum | null): number {
  return compareDatums(type, { elements: [left] }, { elements: [right] });
}
