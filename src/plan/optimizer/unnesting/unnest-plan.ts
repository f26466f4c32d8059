import { unreachable } from '../../../base/index.ts';
import type { Expression } from '../../../expr/index.ts';
import { freeOuterColumns, type LogicalPlan, planExpressions } from '../../logical/index.ts';
import { hasSubquery, isVolatile } from '../expression-facts.ts';
import { outerReads } from './columns.ts';
import { unnestAggregate } from './unnest-aggregate.ts';
import { unnestFilter } from './unnest-filter.ts';
import { unnestJoin } from './unnest-join.ts';
import { unnestLimit } from './unnest-limit.ts';
import { unnestProject } from './unnest-project.ts';
import { unnestDistinct, unnestOver, unnestSort, unnestWindowAssign } from './unnest-row-nodes.ts';
import { unnestSetOperation } from './unnest-set-operation.ts';
import { unnestTableFunction, unnestValues } from './unnest-sources.ts';
import type { Dependence, Unnested } from './unnested.ts';

/** True when the plan reads the row around it. */
function isDependent(plan: LogicalPlan): boolean {
  return freeOuterColumns(plan).some((column) => column.depth === 1);
}

/** The plan without its reads of the outer row; rows further out keep their depth. Null: it cannot be done. */
export function unnestPlan(plan: LogicalPlan, dependence: Dependence): Unnested | null {
  if (!isDependent(plan)) return { plan, keys: [], conditions: [], empty: null, single: false };
  if (planExpressions(plan).some((expression) => cannotBeMoved(expression, dependence))) return null;
  switch (plan.kind) {
    case 'filter':
      return unnestFilter(plan, dependence);
    case 'project':
      return unnestProject(plan, dependence);
    case 'aggregate':
      return unnestAggregate(plan, dependence);
    case 'join':
      return unnestJoin(plan, dependence);
    case 'set-operation':
      return unnestSetOperation(plan, dependence);
    case 'distinct':
      return unnestDistinct(plan, dependence);
    case 'over':
      return unnestOver(plan, dependence);
    case 'window-assign':
      return unnestWindowAssign(plan, dependence);
    case 'sort':
      return unnestSort(plan, dependence);
    case 'limit':
      return unnestLimit(plan, dependence);
    case 'values':
      return unnestValues(plan, dependence);
    case 'table-function':
      return unnestTableFunction(plan, dependence);
    case 'match-recognize':
    case 'as-of-join':
    case 'scan':
    case 'recursion':
    case 'mutual-recursion':
    case 'recursive-scan':
      return null;
    default:
      return unreachable(plan);
  }
}

/** A subquery that reads the outer row has to be gone first; what is volatile is evaluated where it stands. */
function cannotBeMoved(expression: Expression, { context }: Dependence): boolean {
  return isVolatile(expression, context.functions) || (hasSubquery(expression) && outerReads(expression).length > 0);
}
