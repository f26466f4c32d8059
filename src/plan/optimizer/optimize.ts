import { mapExpression } from '../../expr/index.ts';
import { type LogicalPlan, mapPlan, mapPlanExpressions, subqueryPlan, verifyLogicalPlan } from '../logical/index.ts';
import type { OptimizerContext, OptimizerRule } from './optimizer-rule.ts';
import { optimizerRules } from './rules/index.ts';
import { columnOf } from './unnesting/columns.ts';

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
      const rewritten = rule.apply(current, context);
      if (rewritten === current) continue;
      const changed = named(rewritten, plan.fields);
      if (!nested) verifyLogicalPlan(changed);
      trace?.(rule.name, changed);
      current = changed;
    }
    if (current === before) break;
  }
  return current;
}

/**
 * The plan with the output names of `fields`. Nodes refer to columns by their place, so rules that put a child in its parent's place need not care for
 * names, and only here do they matter: these are what the client is told.
 */
function named(plan: LogicalPlan, fields: LogicalPlan['fields']): LogicalPlan {
  if (plan.fields.every(({ name }, index) => name === fields[index]!.name)) return plan;
  const renamed = plan.fields.map((field, index) => ({ ...field, name: fields[index]!.name }));
  // The names of a scan are those of the columns it reads.
  if (plan.kind !== 'scan') return { ...plan, fields: renamed };
  const expressions = plan.fields.map((_, index) => columnOf(plan.fields, index));
  return { kind: 'project', input: plan, expressions, fields: renamed };
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
