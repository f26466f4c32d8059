import type { EvaluationContext, FunctionLookup } from '../../expr/index.ts';
import type { AggregateDefinition, Registry } from '../../spi/index.ts';
import type { LogicalPlan } from '../logical/index.ts';

/** What rules may ask. */
export interface OptimizerContext {
  readonly functions: FunctionLookup;
  readonly aggregates: Registry<AggregateDefinition>;
  /** The plan of a view or sink: it may hold no subquery, and its errors are those of rows. Else a query that runs once. */
  readonly continuous: boolean;
  /** Whether aggregates of different values are planned in two phases: all that can be, none, or (absent) those of one group. */
  readonly splitDistinct?: boolean;
  /** For constants; only immutable operations are folded, so a stored plan does not depend on it. */
  readonly evaluation: EvaluationContext;
}

/**
 * A rewriting of plans. The result has the same output columns and rows, and no expression that can fail sees a row it would not have
 * seen. Returns the same object when nothing changes.
 */
export interface OptimizerRule {
  readonly name: string;
  apply(plan: LogicalPlan, context: OptimizerContext): LogicalPlan;
}
