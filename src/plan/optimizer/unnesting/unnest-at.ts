import { type FunctionLookup, isFallible, splitConjuncts } from '../../../expr/index.ts';
import { freeOuterColumns, type JoinPlan, type LogicalPlan, planExpressions, planInputs, shiftOuterColumns } from '../../logical/index.ts';
import type { OptimizerContext } from '../optimizer-rule.ts';
import { withoutConditions } from './bind-outer.ts';
import { oneRowNearer, outerReads } from './columns.ts';
import { complete } from './empty-row.ts';
import { rewriteLateralJoin } from './unnest-lateral-join.ts';
import { unnestPlan } from './unnest-plan.ts';
import type { Dependence, Unnested } from './unnested.ts';
import { hasVolatile } from './volatile-plan.ts';

export interface UnnestOptions {
  /** The rows that stand for none are wanted among the plan's. */
  readonly complete?: boolean;
  /** Ties may be keys only. */
  readonly keysOnly?: boolean;
}

/**
 * What a dependent plan becomes where it stands, beside its outer rows: everything is as seen from there. Null: it stays as it is. In a query that runs
 * once, what can fail stays too: it is evaluated for the rows that ask for it, in their order.
 */
export function unnestAt(plan: LogicalPlan, outer: LogicalPlan, context: OptimizerContext, options: UnnestOptions = {}): Unnested | null {
  const exact = isFallibleAboveReads(plan, context.functions);
  if (exact && !context.continuous) return null;
  if (hasVolatile(plan, context.functions) || hasVolatile(outer, context.functions)) return null;
  const dependence: Dependence = {
    outer,
    exact,
    context,
    unnest: (inner) => unnestPlan(inner, dependence),
    unnestLateralJoin: (join) => unnestLateralJoin(join, context),
  };
  let unnested = unnestPlan(plan, dependence);
  if (unnested === null) return null;
  if (options.complete) unnested = complete(unnested, dependence);
  if (options.keysOnly) unnested = withoutConditions(unnested, dependence);
  return {
    ...unnested,
    plan: shiftOuterColumns(unnested.plan, -1, 2),
    keys: unnested.keys.map((key) => ({ ...key, outer: oneRowNearer(key.outer) })),
    conditions: unnested.conditions.map(oneRowNearer),
    empty: unnested.empty?.map(oneRowNearer) ?? null,
  };
}

/** True when something that can fail stands behind a condition on a row outside, which may have kept rows from it. */
function isFallibleAboveReads(plan: LogicalPlan, functions: FunctionLookup): boolean {
  if (freeOuterColumns(plan).length === 0) return false;
  if (planInputs(plan).some((input) => isFallibleAboveReads(input, functions))) return true;
  const below = planInputs(plan).some((input) => freeOuterColumns(input).length > 0);
  if (plan.kind !== 'filter' || below) return planExpressions(plan).some((expression) => isFallible(expression, functions));
  const conjuncts = splitConjuncts(plan.predicate);
  const first = conjuncts.findIndex((conjunct) => outerReads(conjunct).length > 0);
  return conjuncts.slice(Math.max(first, 0)).some((conjunct) => isFallible(conjunct, functions));
}

/** A lateral join without its dependence; see rewriteLateralJoin. */
export function unnestLateralJoin(join: JoinPlan, context: OptimizerContext): LogicalPlan | null {
  return rewriteLateralJoin(join, context, (complete) => unnestAt(join.right, join.left, context, { complete }));
}
