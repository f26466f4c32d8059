import { type AggregatePlan, GROUPING_SIGNATURE, mapPlan, stateTtlOf, timeProgress } from '../../logical/index.ts';
import type { OptimizerRule } from '../optimizer-rule.ts';

/**
 * An aggregation of different values finds these by key and value first, on all slots, and aggregates them by key then: a group of many values is no
 * work of one slot, and a checkpoint writes the values that came and not all of their group. With many groups of few values that is one exchange more
 * for nothing, so it is done where there is one group, and else only where it was asked for. What ends with time (windows, a TTL) stays as it is.
 */
export const distinctInTwoPhases: OptimizerRule = {
  name: 'distinct-in-two-phases',
  apply: (plan, { continuous, splitDistinct }) => {
    if (!continuous || splitDistinct === false) return plan;
    return mapPlan(plan, (node) =>
      node.kind !== 'aggregate' || node.splitDistinct === true || !(node.groupBy.length === 0 || splitDistinct === true) || !canBeSplit(node)
        ? node
        : { ...node, splitDistinct: true },
    );
  },
};

function canBeSplit({ input, groupBy, groupingSets, calls }: AggregatePlan): boolean {
  const distinct = calls.filter((call) => call.distinct);
  if (distinct.length === 0 || distinct.some((call) => call.orderBy.length > 0 || call.args.length === 0)) return false;
  if (calls.some((call) => call.signature === GROUPING_SIGNATURE) || groupingSets.length !== 1 || groupingSets[0]!.length !== groupBy.length)
    return false;
  return stateTtlOf(input) === null && !groupBy.some((key) => key.kind === 'column' && timeProgress(input, key.index) !== null);
}
