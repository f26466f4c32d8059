import { isFallible } from '../../../expr/index.ts';
import { mapPlan, rowColumns } from '../../logical/index.ts';
import { isVolatile } from '../expression-facts.ts';
import type { OptimizerRule } from '../optimizer-rule.ts';
import { filtered, splitFilter } from '../split-filter.ts';

/**
 * A condition on the input's own columns goes below the assignment of windows, where each row still stands once. It must not be able to fail: rows
 * without a time lie in no window and would now be seen. Sessions depend on all rows and keep the filter above, except on their key.
 */
export const pushFilterIntoWindow: OptimizerRule = {
  name: 'push-filter-into-window',
  apply: (plan, { functions }) =>
    mapPlan(plan, (node) => {
      if (node.kind !== 'filter' || node.input.kind !== 'window-assign') return node;
      const assign = node.input;
      const { window } = assign;
      const width = assign.input.fields.length;
      const movable = (column: number): boolean => column < width && (window.kind !== 'session' || window.partitionBy.includes(column));
      const { moved, stays } = splitFilter(
        node,
        (conjunct) => !isVolatile(conjunct, functions) && !isFallible(conjunct, functions) && rowColumns(conjunct).every(movable),
      );
      if (moved.length === 0) return node;
      return filtered({ ...assign, input: filtered(assign.input, moved) }, stays);
    }),
};
