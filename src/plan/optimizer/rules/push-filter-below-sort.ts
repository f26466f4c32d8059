import { mapPlan } from '../../logical/index.ts';
import { isVolatile } from '../expression-facts.ts';
import type { OptimizerRule } from '../optimizer-rule.ts';

/** A filter goes below a Sort and a plain DISTINCT: it decides by the row alone, and there is less to sort. */
export const pushFilterBelowSort: OptimizerRule = {
  name: 'push-filter-below-sort',
  apply: (plan, { functions }) =>
    mapPlan(plan, (node) => {
      if (node.kind !== 'filter' || isVolatile(node.predicate, functions)) return node;
      const below = node.input;
      if (below.kind !== 'sort' && (below.kind !== 'distinct' || below.on !== null)) return node;
      return { ...below, input: { ...node, input: below.input, fields: below.input.fields } };
    }),
};
