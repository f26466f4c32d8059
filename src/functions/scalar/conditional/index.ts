/** greatest, least and rules that rows have to keep. COALESCE, NULLIF and CASE are bound to lazy expressions. */
import { SqlError, type SqlState } from '../../../base/index.ts';
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
  defineFunction<[boolean | null, string, string]>({
    signature: 'refuse_unless(bool, text, text) -> bool',
    family: 'conditional',
    description: 'True, unless the condition is false: then an error of that SQLSTATE and message (as in fsql)',
    examples: [["refuse_unless(1 < 2, '23514', 'no such numbers')", 't']],
    nullBehaviour: 'called',
    fallible: true,
    evaluate: ([condition, code, message]) => {
      if (condition === false) throw new SqlError({ code: code as SqlState, message });
      return true;
    },
  }),
];

function extreme(args: readonly (Datum | null)[], type: SqlType, sign: 1 | -1): Datum | null {
  let best: Datum | null = null;
  for (const arg of args) {
    if (arg !== null && (best === null || compareDatums(type, arg, best) * sign > 0)) best = arg;
  }
  return best;
}
