import { splitConjuncts } from '../../../expr/index.ts';
import { boolType } from '../../../types/index.ts';
import { mapPlan } from '../../logical/index.ts';
import type { OptimizerRule } from '../optimizer-rule.ts';

/** Two filters in a row are one; the lower one's conditions come first, so that they still guard those of the upper one. */
export const mergeFilters: OptimizerRule = {
  name: 'merge-filters',
  apply: (plan) =>
    mapPlan(plan, (node) => {
      if (node.kind !== 'filter' || node.input.kind !== 'filter') return node;
      const args = [...splitConjuncts(node.input.predicate), ...splitConjuncts(node.predicate)];
      return { ...node, input: node.input.input, predicate: { kind: 'logical', operator: 'and', args, type: boolType } };
    }),
};
