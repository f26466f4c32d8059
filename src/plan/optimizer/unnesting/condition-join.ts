import type { Expression, SubqueryExpression } from '../../../expr/index.ts';
import { boolType } from '../../../types/index.ts';
import { freeOuterColumns, type JoinPlan, type LogicalPlan, subqueryPlan } from '../../logical/index.ts';
import { hasSubquery } from '../expression-facts.ts';
import type { OptimizerContext } from '../optimizer-rule.ts';
import { allOf } from '../split-filter.ts';
import { comparedValues, comparisonOf } from './comparison.ts';
import { unnestAt } from './unnest-at.ts';
import { tieConditions } from './unnested.ts';

/** A condition that is nothing but a question about the rows of a subquery, under any number of NOTs. */
export interface SubqueryCondition {
  readonly subquery: SubqueryExpression;
  readonly negated: boolean;
}

export function subqueryCondition(condition: Expression): SubqueryCondition | null {
  if (condition.kind === 'logical' && condition.operator === 'not') {
    const inner = subqueryCondition(condition.args[0]!);
    return inner && { ...inner, negated: !inner.negated };
  }
  if (condition.kind !== 'subquery' || condition.form === 'scalar' || condition.form === 'array') return null;
  return { subquery: condition, negated: false };
}

/**
 * The rows of `left` for which the condition is true, as a semi or anti join: EXISTS, IN, ANY keep a row that meets another, their negations and ALL one
 * that meets none, not even where the comparison is unknown. Null: it cannot be done.
 */
export function conditionJoin(left: LogicalPlan, condition: SubqueryCondition, context: OptimizerContext): LogicalPlan | null {
  const { subquery } = condition;
  if (subquery.form === 'exists') return existsJoin(left, condition, context);
  if (subquery.inputs.some(hasSubquery)) return null;
  const comparison = comparisonOf(subquery, left);
  const unnested = unnestAt(comparison.plan, left, context, { complete: true });
  if (unnested === null) return null;
  const width = left.fields.length;
  const holds = comparison.condition(comparison.inputs, comparedValues(comparison, unnested.plan, width));
  const anti = comparison.negated !== condition.negated;
  const ties = tieConditions(unnested, width);
  const met = anti ? notFalse(holds, comparison.nullable) : [holds];
  return joinOf(left, unnested.plan, { joinType: anti ? 'anti' : 'semi', conditions: [...ties, ...met] });
}

function existsJoin(left: LogicalPlan, { subquery, negated }: SubqueryCondition, context: OptimizerContext): LogicalPlan | null {
  const plan = rowsThatCount(subqueryPlan(subquery));
  if (!context.continuous && !freeOuterColumns(plan).some((column) => column.depth === 1)) return null;
  const unnested = unnestAt(plan, left, context);
  if (unnested === null) return null;
  const anti = negated !== subquery.negated;
  if (unnested.empty !== null) return anti ? { kind: 'values', rows: [], fields: left.fields } : left;
  return joinOf(left, unnested.plan, { joinType: anti ? 'anti' : 'semi', conditions: tieConditions(unnested, left.fields.length) });
}

/** What EXISTS asks of a plan: neither its columns nor their order are evaluated (PostgreSQL, "Subquery Expressions"). */
export function rowsThatCount(plan: LogicalPlan): LogicalPlan {
  switch (plan.kind) {
    case 'project':
    case 'sort':
    case 'over':
      return rowsThatCount(plan.input);
    case 'distinct':
      return plan.on === null ? rowsThatCount(plan.input) : plan;
    case 'limit': {
      const { limit, offset } = plan;
      const some = limit === null || (limit.kind === 'literal' && (limit.value === null || BigInt(limit.value as number | bigint) > 0n));
      return some && offset === null ? rowsThatCount(plan.input) : plan;
    }
    default:
      return plan;
  }
}

/** AND is false where one of its operands is, so each is asked for itself: equalities that are never unknown stay what a join is hashed by. */
function notFalse(condition: Expression, nullable: readonly boolean[]): Expression[] {
  const lenient = (one: Expression): Expression => ({
    kind: 'coalesce',
    args: [one, { kind: 'literal', type: boolType, value: true }],
    type: boolType,
  });
  const each = condition.kind === 'logical' && condition.operator === 'and' && condition.args.length === nullable.length;
  if (each) return condition.args.map((one, index) => (nullable[index] ? lenient(one) : one));
  return [nullable.includes(true) ? lenient(condition) : condition];
}

function joinOf(
  left: LogicalPlan,
  right: LogicalPlan,
  how: { readonly joinType: 'semi' | 'anti'; readonly conditions: readonly Expression[] },
): JoinPlan {
  return { kind: 'join', left, right, joinType: how.joinType, condition: allOf(how.conditions), lateral: false, fields: left.fields };
}
