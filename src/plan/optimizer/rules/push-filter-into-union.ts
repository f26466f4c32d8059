import { mapPlan } from '../../logical/index.ts';
import { hasSubquery, isVolatile } from '../expression-facts.ts';
import type { OptimizerRule } from '../optimizer-rule.ts';

/** A filter of a union filters each input: the rows it sees are the same. */
export const pushFilterIntoUnion: OptimizerRule = {
  name: 'push-filter-into-union',
  apply: (plan, { functions }) =>
    mapPlan(plan, (node) => {
      if (node.kind !== 'filter' || node.input.kind !== 'set-operation' || node.input.operator !== 'union') return node;
      const { predicate } = node;
      if (hasSubquery(predicate) || isVolatile(predicate, functions)) return node;
      return { ...node.input, inputs: node.input.inputs.map((input) => ({ kind: 'filter', input, predicate, fields: input.fields })) };
    }),
};
