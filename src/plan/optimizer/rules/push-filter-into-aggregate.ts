import { isFallible } from '../../../expr/index.ts';
import { mapPlan, rowColumns, substituteColumns } from '../../logical/index.ts';
import { hasSubquery, isVolatile } from '../expression-facts.ts';
import type { OptimizerRule } from '../optimizer-rule.ts';
import { filtered, splitFilter } from '../split-filter.ts';

/** A condition on GROUP BY keys alone drops whole groups, so it can drop their rows first. Not with several grouping sets, nor without keys. */
export const pushFilterIntoAggregate: OptimizerRule = {
  name: 'push-filter-into-aggregate',
  apply: (plan, { functions }) =>
    mapPlan(plan, (node) => {
      if (node.kind !== 'filter' || node.input.kind !== 'aggregate') return node;
      const aggregate = node.input;
      const keys = aggregate.groupBy.length;
      if (keys === 0 || aggregate.groupingSets.length !== 1 || aggregate.groupingSets[0]!.length !== keys) return node;
      if (aggregate.groupBy.some((key) => isVolatile(key, functions) || hasSubquery(key))) return node;
      const { moved, stays } = splitFilter(node, (conjunct) => {
        if (isVolatile(conjunct, functions) || hasSubquery(conjunct) || isFallible(conjunct, functions)) return false;
        const columns = rowColumns(conjunct);
        return columns.length > 0 && columns.every((column) => column < keys);
      });
      if (moved.length === 0) return node;
      const below = moved.map((conjunct) => substituteColumns(conjunct, aggregate.groupBy));
      return filtered({ ...aggregate, input: filtered(aggregate.input, below) }, stays);
    }),
};
