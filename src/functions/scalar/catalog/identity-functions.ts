import type { FunctionDefinition } from '../../../expr/index.ts';
import { defineFunction } from '../define-function.ts';

/** What INSERT calls for an identity column, through EvaluationContext.nextIdentity; without one there are no tables. */
export const identityFunctions: readonly FunctionDefinition[] = [
  defineFunction<[number, number]>({
    signature: 'fsql_next_identity(oid, int4) -> int8',
    family: 'catalog',
    description: 'The next value of the identity column with this number of a table; NULL where there is none',
    examples: [['fsql_next_identity(0, 1)', null]],
    volatility: 'volatile',
    fallible: true,
    evaluate: ([table, column], context) => context.nextIdentity?.(table, column) ?? null,
  }),
];
