import type { Expression } from '../../../expr/index.ts';
import { boolType } from '../../../types/index.ts';
import type { JoinPlan, LogicalPlan } from '../../logical/index.ts';
import type { OptimizerContext } from '../optimizer-rule.ts';
import { columnOf } from './columns.ts';
import { sameValue } from './same-value.ts';

/** Where a dependent plan stands. */
export interface Dependence {
  /** The rows around the plan: its outer columns of depth 1 are theirs. */
  readonly outer: LogicalPlan;
  readonly context: OptimizerContext;
  /** No condition may be pulled up, since something above it can fail for rows it would have kept away. */
  readonly exact: boolean;
  /** The same for a part of the plan. */
  unnest(plan: LogicalPlan): Unnested | null;
  /** For a join within the plan that has become lateral. */
  unnestLateralJoin(join: JoinPlan): LogicalPlan | null;
}

/** A column of the unnested plan and the value of the outer row it has to have. */
export interface OuterKey {
  readonly column: number;
  /** Over the outer row. */
  readonly outer: Expression;
  /** The equality operator, under which NULL meets nothing; null: NULL meets NULL. */
  readonly signature: string | null;
}

/** What takes the place of a dependent plan: a plan without outer columns of depth 1, and what ties its rows to an outer row. */
export interface Unnested {
  /** The columns of the dependent plan, then others that keys and conditions read. */
  readonly plan: LogicalPlan;
  readonly keys: readonly OuterKey[];
  /** Further conditions over the outer row and the plan's row, side by side. */
  readonly conditions: readonly Expression[];
  /** The one row there is for an outer row that meets none of the plan's, over the outer row; null: there is none then. */
  readonly empty: readonly Expression[] | null;
  /** An outer row meets one row at most. */
  readonly single: boolean;
}

/** All of what ties the rows together, as conjuncts over the outer row and the plan's row, side by side. */
export function tieConditions(unnested: Unnested, outerWidth: number): Expression[] {
  return [...unnested.keys.map((key) => keyCondition(key, unnested.plan, outerWidth)), ...unnested.conditions];
}

export function keyCondition(key: OuterKey, plan: LogicalPlan, outerWidth: number): Expression {
  const inner = columnOf(plan.fields, key.column, outerWidth);
  if (key.signature === null) return sameValue(key.outer, inner);
  return { kind: 'call', signature: key.signature, args: [key.outer, inner], type: boolType };
}
