import { isFallible } from '../../../expr/index.ts';
import { mapPlan, rowColumns } from '../../logical/index.ts';
import { hasSubquery, isVolatile } from '../expression-facts.ts';
import type { OptimizerRule } from '../optimizer-rule.ts';
import { filtered, splitFilter } from '../split-filter.ts';

/**
 * A condition on columns that every window is partitioned by drops whole partitions, so it can drop their rows first. It must not be able to fail:
 * below it sees rows that a failing window function would have left out.
 */
export const pushFilterIntoOver: OptimizerRule = {
  name: 'push-filter-into-over',
  apply: (plan, { functions }) =>
    mapPlan(plan, (node) => {
      if (node.kind !== 'filter' || node.input.kind !== 'over') return node;
      const over = node.input;
      const isKey = (column: number): boolean =>
        over.calls.every((call) => call.partitionBy.some((expression) => expression.kind === 'column' && expression.index === column));
      const { moved, stays } = splitFilter(node, (conjunct) => {
        if (isVolatile(conjunct, functions) || hasSubquery(conjunct) || isFallible(conjunct, functions)) return false;
        const columns = rowColumns(conjunct);
        return columns.length > 0 && columns.every(isKey);
      });
      if (moved.length === 0) return node;
      return filtered({ ...over, input: filtered(over.input, moved) }, stays);
    }),
};
