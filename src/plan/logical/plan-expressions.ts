import { unreachable } from '../../base/index.ts';
import type { Expression } from '../../expr/index.ts';
import { mapRecognition } from '../../pattern/index.ts';
import type { AggregateCall, FrameBound, LogicalPlan, OverCall, SortKey } from './logical-plan.ts';

/** The expressions a node holds itself, in a fixed order. */
export function planExpressions(plan: LogicalPlan): readonly Expression[] {
  const found: Expression[] = [];
  mapPlanExpressions(plan, (expression) => {
    found.push(expression);
    return expression;
  });
  return found;
}

/** The node with each of its own expressions replaced; inputs stay. The node itself when nothing changes. */
export function mapPlanExpressions(plan: LogicalPlan, change: (expression: Expression) => Expression): LogicalPlan {
  let changed = false;
  const track = (expression: Expression): Expression => {
    const result = change(expression);
    if (result !== expression) changed = true;
    return result;
  };
  const mapped = mapOwnExpressions(plan, track);
  return changed ? mapped : plan;
}

function mapOwnExpressions(plan: LogicalPlan, change: (expression: Expression) => Expression): LogicalPlan {
  switch (plan.kind) {
    case 'scan':
    case 'window-assign':
    case 'as-of-join':
    case 'set-operation':
    case 'recursion':
    case 'mutual-recursion':
    case 'recursive-scan':
      return plan;
    case 'values':
      return { ...plan, rows: plan.rows.map((row) => row.map(change)) };
    case 'table-function':
      return { ...plan, args: plan.args.map(change) };
    case 'filter':
      return { ...plan, predicate: change(plan.predicate) };
    case 'project':
      return { ...plan, expressions: plan.expressions.map(change) };
    case 'aggregate':
      return { ...plan, groupBy: plan.groupBy.map(change), calls: plan.calls.map((call) => mapAggregateCall(call, change)) };
    case 'join':
      return { ...plan, condition: plan.condition && change(plan.condition) };
    case 'distinct':
      return { ...plan, on: plan.on?.map(change) ?? null };
    case 'over':
      return { ...plan, calls: plan.calls.map((call) => mapOverCall(call, change)) };
    case 'match-recognize':
      return { ...plan, recognition: mapRecognition(plan.recognition, change) };
    case 'sort':
      return { ...plan, keys: mapSortKeys(plan.keys, change) };
    case 'limit':
      return { ...plan, limit: plan.limit && change(plan.limit), offset: plan.offset && change(plan.offset) };
    default:
      return unreachable(plan);
  }
}

function mapSortKeys(keys: readonly SortKey[], change: (expression: Expression) => Expression): SortKey[] {
  return keys.map((key) => ({ ...key, expression: change(key.expression) }));
}

/** The call with its arguments, filter and order replaced. */
export function mapAggregateCall(call: AggregateCall, change: (expression: Expression) => Expression): AggregateCall {
  return { ...call, args: call.args.map(change), filter: call.filter && change(call.filter), orderBy: mapSortKeys(call.orderBy, change) };
}

/** The call with its arguments, filter, partition, order and frame offsets replaced. */
export function mapOverCall(call: OverCall, change: (expression: Expression) => Expression): OverCall {
  const bound = (side: FrameBound): FrameBound => ({ ...side, offset: side.offset && change(side.offset) });
  return {
    ...call,
    args: call.args.map(change),
    filter: call.filter && change(call.filter),
    partitionBy: call.partitionBy.map(change),
    orderBy: mapSortKeys(call.orderBy, change),
    frame: { ...call.frame, start: bound(call.frame.start), end: bound(call.frame.end) },
  };
}
