import { mapPlan } from '../../logical/index.ts';
import type { OptimizerRule } from '../optimizer-rule.ts';

/** A projection of all columns in their order does nothing; one that only renames is done by the node below, unless that is a scan. */
export const removeTrivialProjects: OptimizerRule = {
  name: 'remove-trivial-projects',
  apply: (plan) =>
    mapPlan(plan, (node) => {
      if (node.kind !== 'project' || node.expressions.length !== node.input.fields.length) return node;
      if (!node.expressions.every((expression, index) => expression.kind === 'column' && expression.index === index)) return node;
      const sameNames = node.fields.every((field, index) => field.name === node.input.fields[index]!.name);
      if (sameNames) return node.input;
      return node.input.kind === 'scan' ? node : { ...node.input, fields: node.fields };
    }),
};
