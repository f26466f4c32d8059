/** greatest and least. COALESCE, NULLIF and CASE are bound to lazy expressions. */
import type { FunctionDefinition } from '../../../expr/index.ts';
import { compareDatums, type Datum, type SqlType } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

export const conditionalFunctions: readonly FunctionDefinition[] = [
  defineFunction<(Datum | null)[]>({
    signature: 'greatest(variadic anycompatible) -> anycompatible',
    family: 'conditional',
    description: 'The largest of the arguments; NULLs are ignored',
    examples: [
      ['greatest(1, 3, 2)', '3'],
      ['greatest(NULL, 2)', '2'],
    ],
    nullBehaviour: 'called',
    evaluate: (args, _context, types) => extreme(args, types[0]!, 1),
  }),
  defineFunction<(Datum | null)[]>({
    signature: 'least(variadic anycompatible) -> anycompatible',
    family: 'conditional',
    description: 'The smallest of the arguments; NULLs are ignored',
    examples: [['least(1, 3, 2)', '1']],
    nullBehaviour: 'called',
    evaluate: (args, _context, types) => extreme(args, types[0]!, -1),
  }),
];

function extreme(args: readonly (Datum | null)[], type: SqlType, sign: 1 | -1): Datum | null {
  let best: Datum | null = null;
  for (const arg of args) {
    if (arg !== null && (best === null || compareDatums(type, arg, best) * sign > 0)) best = arg;
  }
  return best;
}
