import { type Expression, mapExpression, type OuterColumnExpression } from '../../expr/index.ts';
import type { LogicalPlan } from './logical-plan.ts';
import { mapPlanExpressions } from './plan-expressions.ts';
import { planInputs, withPlanInputs } from './plan-inputs.ts';

/** Replaces an outer column; `level` counts the rows pushed between the root and the column, so `depth > level` means a row outside the root. */
type OuterColumnChange = (column: OuterColumnExpression, level: number) => Expression;

/** The plan inside a subquery expression: expr holds it as an opaque object, because expressions lie below plans. */
export function subqueryPlan(expression: { readonly plan: object }): LogicalPlan {
  return expression.plan as LogicalPlan;
}

/** Rewrites the outer columns of an expression, those inside its subqueries included. The expression's own row is level 0. */
export function mapOuterColumnsOfExpression(expression: Expression, change: OuterColumnChange, level = 0): Expression {
  return mapExpression(expression, (node) => {
    if (node.kind === 'outer-column') return change(node, level);
    if (node.kind !== 'subquery') return node;
    const before = subqueryPlan(node);
    const after = mapOuterColumns(before, change, level + 1);
    return after === before ? node : { ...node, plan: after };
  });
}

/** Rewrites the outer columns of a whole plan, those inside lateral sides and subqueries included. */
export function mapOuterColumns(plan: LogicalPlan, change: OuterColumnChange, level = 0): LogicalPlan {
  const inputs = planInputs(plan).map((input, index) => {
    const pushed = plan.kind === 'join' && plan.lateral && index === 1;
    return mapOuterColumns(input, change, pushed ? level + 1 : level);
  });
  return mapPlanExpressions(withPlanInputs(plan, inputs), (expression) => mapOuterColumnsOfExpression(expression, change, level));
}

/** Adds `by` to the depth of every column that means a row at least `fromDepth` rows outside the plan. */
export function shiftOuterColumns(plan: LogicalPlan, by: number, fromDepth = 1): LogicalPlan {
  if (by === 0) return plan;
  return mapOuterColumns(plan, (column, level) => (column.depth - level >= fromDepth ? { ...column, depth: column.depth + by } : column));
}

/** The columns of rows outside the plan, each with its depth seen from the plan's root; without duplicates. */
export function freeOuterColumns(plan: LogicalPlan): readonly { readonly depth: number; readonly index: number }[] {
  const found = new Map<string, { depth: number; index: number }>();
  mapOuterColumns(plan, (column, level) => {
    const depth = column.depth - level;
    if (depth >= 1) found.set(`${depth}.${column.index}`, { depth, index: column.index });
    return column;
  });
  return [...found.values()];
}

/** The expression as seen by a plan that runs with the expression's own row pushed: its columns become outer columns of depth 1. */
export function pushRow(expression: Expression): Expression {
  const shifted = mapOuterColumnsOfExpression(expression, (column, level) =>
    column.depth >= Math.max(level, 1) ? { ...column, depth: column.depth + 1 } : column,
  );
  return mapExpression(shifted, (node) =>
    node.kind === 'column' ? { kind: 'outer-column', depth: 1, index: node.index, name: node.name, type: node.type, span: node.span } : node,
  );
}
