import type { Expression } from '../../../expr/index.ts';
import { impliedColumnAt } from '../../../jobgraph/index.ts';
import type { LogicalPlan } from '../../logical/index.ts';

/** False when no row of the plan can have NULL in the column. */
export function isNullable(plan: LogicalPlan, column: number): boolean {
  switch (plan.kind) {
    case 'scan': {
      const path = plan.paths[column]!;
      if (plan.variant !== 'rows' || path.length !== 1) return true;
      return impliedColumnAt(path[0]!) === null && plan.relation.columns[path[0]!]!.nullable;
    }
    case 'project':
      return expressionIsNullable(plan.expressions[column]!, plan.input);
    case 'filter':
    case 'sort':
    case 'limit':
    case 'distinct':
      return isNullable(plan.input, column);
    case 'over':
    case 'window-assign':
      return column >= plan.input.fields.length || isNullable(plan.input, column);
    case 'aggregate':
      return aggregateIsNullable(plan, column);
    case 'set-operation':
      return plan.inputs.some((input) => isNullable(input, column));
    case 'join':
      return joinIsNullable(plan, column);
    default:
      return true;
  }
}

export function expressionIsNullable(expression: Expression, input: LogicalPlan): boolean {
  if (expression.kind === 'column') return isNullable(input, expression.index);
  if (expression.kind === 'is-null') return false;
  return expression.kind !== 'literal' || expression.value === null;
}

function aggregateIsNullable(plan: Extract<LogicalPlan, { kind: 'aggregate' }>, column: number): boolean {
  const call = plan.calls[column - plan.groupBy.length];
  if (call !== undefined) return call.name !== 'count';
  const everywhere = plan.groupingSets.every((set) => set.includes(column));
  return !everywhere || expressionIsNullable(plan.groupBy[column]!, plan.input);
}

function joinIsNullable(plan: Extract<LogicalPlan, { kind: 'join' }>, column: number): boolean {
  const { joinType, left, right } = plan;
  const width = left.fields.length;
  const padsLeft = joinType === 'right' || joinType === 'full';
  const padsRight = joinType !== 'inner' && joinType !== 'cross' && joinType !== 'right';
  return column < width ? padsLeft || isNullable(left, column) : padsRight || isNullable(right, column - width);
}
