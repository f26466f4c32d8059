import { mapExpression } from '../../expr/index.ts';
import { type LogicalPlan, mapPlan, mapPlanExpressions, subqueryPlan, verifyLogicalPlan } from '../logical/index.ts';
import type { OptimizerContext, OptimizerRule } from './optimizer-rule.ts';
import { optimizerRules } from './rules/index.ts';

/** Rounds of all rules; each round only ever moves work down or removes it, so few are needed. */
const ROUNDS_MAX = 10;

interface OptimizeOptions {
  /** Told of every rule that changed the plan, with the result. */
  readonly trace?: (rule: string, plan: LogicalPlan) => void;
  readonly rules?: readonly OptimizerRule[];
}

/**
 * Applies the rules in their order until none changes the plan, plans of subqueries first. The verifier runs after every change; rows pushed around
 * the plan are not known here, so it runs on plans without outer columns only.
 */
export function optimize(plan: LogicalPlan, context: OptimizerContext, options: OptimizeOptions = {}): LogicalPlan {
  return optimizeWithin(plan, context, { ...options, nested: false });
}

function optimizeWithin(plan: LogicalPlan, context: OptimizerContext, options: OptimizeOptions & { readonly nested: boolean }): LogicalPlan {
  const { rules = optimizerRules, trace, nested } = options;
  let current = mapPlan(plan, (node) => optimizeSubqueries(node, context, options));
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const before = current;
    for (const rule of rules) {
      const changed = rule.apply(current, context);
      if (changed === current) continue;
      if (!nested) verifyLogicalPlan(changed);
      trace?.(rule.name, changed);
      current = changed;
    }
    if (current === before) break;
  }
  return current;
}

function optimizeSubqueries(node: LogicalPlan, context: OptimizerContext, options: OptimizeOptions): LogicalPlan {
  return mapPlanExpressions(node, (expression) =>
    mapExpression(expression, (part) => {
      if (part.kind !== 'subquery') return part;
      const before = subqueryPlan(part);
      const after = optimizeWithin(before, context, { ...options, nested: true });
      return after === before ? part : { ...part, plan: after };
    }),
  );
}
