import type { Expression } from './expression.ts';

/**
 * The conjuncts of a condition, in order. A filter tests them one by one and stops at the first that is not true, NULL included, as
 * PostgreSQL's executor does; inside other expressions AND goes on after a NULL, because FALSE would still decide.
 */
export function splitConjuncts(condition: Expression): readonly Expression[] {
  if (condition.kind === 'logical' && condition.operator === 'and') return condition.args.flatMap(splitConjuncts);
  if (condition.kind === 'literal' && condition.value === true) return [];
  return [condition];
}
