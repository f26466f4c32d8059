import { type LogicalPlan, mapPlan, substituteColumns } from '../../logical/index.ts';
import { hasSubquery, isVolatile } from '../expression-facts.ts';
import type { OptimizerContext, OptimizerRule } from '../optimizer-rule.ts';

/** A filter goes below a projection: it sees the same rows, and the projection sees fewer. */
export const pushFilterIntoProject: OptimizerRule = {
  name: 'push-filter-into-project',
  apply: (plan, context) => mapPlan(plan, (node) => push(node, context)),
};

function push(node: LogicalPlan, { functions }: OptimizerContext): LogicalPlan {
  if (node.kind !== 'filter' || node.input.kind !== 'project') return node;
  const project = node.input;
  if (hasSubquery(node.predicate) || isVolatile(node.predicate, functions)) return node;
  if (project.expressions.some((expression) => isVolatile(expression, functions))) return node;
  const predicate = substituteColumns(node.predicate, project.expressions);
  return { ...project, input: { kind: 'filter', input: project.input, predicate, fields: project.input.fields } };
}
