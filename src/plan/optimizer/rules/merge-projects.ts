import { type Expression, visitExpression } from '../../../expr/index.ts';
import { type LogicalPlan, mapPlan, substituteColumns } from '../../logical/index.ts';
import { hasSubquery, isVolatile } from '../expression-facts.ts';
import type { OptimizerContext, OptimizerRule } from '../optimizer-rule.ts';

/** A projection of a projection is one, unless that would compute something twice. */
export const mergeProjects: OptimizerRule = {
  name: 'merge-projects',
  apply: (plan, context) => mapPlan(plan, (node) => merge(node, context)),
};

function merge(node: LogicalPlan, context: OptimizerContext): LogicalPlan {
  if (node.kind !== 'project' || node.input.kind !== 'project') return node;
  const inner = node.input;
  if (node.expressions.some(hasSubquery) || inner.expressions.some((expression) => isVolatile(expression, context.functions))) return node;
  const uses = inner.expressions.map(() => 0);
  for (const expression of node.expressions) {
    visitExpression(expression, (part) => {
      if (part.kind === 'column') uses[part.index]! += 1;
    });
  }
  if (inner.expressions.some((expression, index) => uses[index]! > 1 && !isCheap(expression))) return node;
  return { ...node, input: inner.input, expressions: node.expressions.map((expression) => substituteColumns(expression, inner.expressions)) };
}

/** A read of what is already there. */
function isCheap(expression: Expression): boolean {
  if (expression.kind === 'field') return isCheap(expression.input);
  return expression.kind === 'column' || expression.kind === 'literal' || expression.kind === 'outer-column';
}
