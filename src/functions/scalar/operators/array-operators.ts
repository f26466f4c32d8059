import type { FunctionDefinition } from '../../../expr/index.ts';
import { type ArrayDatum, arrayLeaves, datumsEqual, innermostElement, type SqlType } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

/** @> <@ && of arrays; NULL elements match nothing, dimensions do not matter. */
export const arrayOperators: readonly FunctionDefinition[] = [
  defineFunction<[ArrayDatum, ArrayDatum]>({
    signature: 'anyarray @> anyarray -> bool',
    family: 'operator',
    description: 'Contains every element of the other array',
    examples: [['ARRAY[1,4,3] @> ARRAY[3,1,3]', 't']],
    evaluate: ([whole, part], _context, types) => containsAll(types[0]!, whole, part),
  }),
  defineFunction<[ArrayDatum, ArrayDatum]>({
    signature: 'anyarray <@ anyarray -> bool',
    family: 'operator',
    description: 'Every element is contained in the other array',
    examples: [['ARRAY[2,2,7] <@ ARRAY[1,7,4,2,6]', 't']],
    evaluate: ([part, whole], _context, types) => containsAll(types[0]!, whole, part),
  }),
  defineFunction<[ArrayDatum, ArrayDatum]>({
    signature: 'anyarray && anyarray -> bool',
    family: 'operator',
    description: 'The arrays have an element in common',
    examples: [['ARRAY[1,4,3] && ARRAY[2,1]', 't']],
    evaluate: ([left, right], _context, types) => {
      const element = innermostElement(types[0]!);
      const others = arrayLeaves(right);
      return arrayLeaves(left).some((value) => value !== null && others.some((other) => other !== null && datumsEqual(element, value, other)));
    },
  }),
];

function containsAll(type: SqlType, whole: ArrayDatum, part: ArrayDatum): boolean {
  const element = innermostElement(type);
  const values = arrayLeaves(whole);
  return arrayLeaves(part).every((wanted) => wanted !== null && values.some((value) => value !== null && datumsEqual(element, value, wanted)));
}
