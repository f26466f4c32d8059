import { type Expression, splitConjuncts } from '../../expr/index.ts';
import { boolType } from '../../types/index.ts';
import type { FilterPlan, LogicalPlan } from '../logical/index.ts';

/** The conjuncts of a filter that may move below its input, and those that stay. */
export function splitFilter(filter: FilterPlan, mayMove: (conjunct: Expression) => boolean): { moved: Expression[]; stays: Expression[] } {
  const moved: Expression[] = [];
  const stays: Expression[] = [];
  for (const conjunct of splitConjuncts(filter.predicate)) (mayMove(conjunct) ? moved : stays).push(conjunct);
  return { moved, stays };
}

/** The plan filtered by all conditions; the plan itself for none. */
export function filtered(input: LogicalPlan, conditions: readonly Expression[]): LogicalPlan {
  const predicate = allOf(conditions);
  return predicate === null ? input : { kind: 'filter', input, predicate, fields: input.fields };
}

export function allOf(conditions: readonly Expression[]): Expression | null {
  const [first, ...rest] = conditions;
  if (first === undefined) return null;
  return rest.length === 0 ? first : { kind: 'logical', operator: 'and', args: conditions, type: boolType };
}
