import { mapPlan } from '../../logical/index.ts';
import type { OptimizerRule } from '../optimizer-rule.ts';
import { unnestLateralJoin } from '../unnesting/index.ts';

/** A lateral join becomes a plain one, so that its right side is evaluated once; only table functions are evaluated for each left row. */
export const unnestLateralJoins: OptimizerRule = {
  name: 'unnest-lateral-joins',
  apply: (plan, context) => mapPlan(plan, (node) => (node.kind === 'join' && node.lateral ? (unnestLateralJoin(node, context) ?? node) : node)),
};
