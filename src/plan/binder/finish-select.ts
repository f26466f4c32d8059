import type { Expression } from '../../expr/index.ts';
import type { DistinctClause } from '../../sql/index.ts';
import { expressionKey, type LogicalPlan, type SortKey } from '../logical/index.ts';
import { columnOf } from './row-scope.ts';
import { distinctOf } from './written-keys.ts';

export interface LimitClause {
  readonly limit: Expression | null;
  readonly offset: Expression | null;
  readonly withTies: boolean;
}

interface SelectToFinish {
  readonly input: LogicalPlan;
  readonly outputs: readonly Expression[];
  readonly names: readonly string[];
  readonly keys: readonly SortKey[];
  readonly distinctOn: readonly Expression[];
  readonly distinct: DistinctClause | null;
  readonly limit: LimitClause;
}

/**
 * Project, Distinct, Sort and Limit on top of a SELECT's rows. Sort keys that are no output columns travel as hidden columns behind them
 * and are cut off at the end, above the Limit, so that Sort and Limit stay neighbours.
 */
export function finishSelect(select: SelectToFinish): LogicalPlan {
  const expressions = [...select.outputs];
  const positions = new Map<string, number>();
  for (const [index, expression] of expressions.entries()) {
    const key = expressionKey(expression);
    if (!positions.has(key)) positions.set(key, index);
  }
  const position = (expression: Expression): Expression => {
    const key = expressionKey(expression);
    const known = positions.get(key) ?? expressions.push(expression) - 1;
    positions.set(key, known);
    return columnOf(known, { name: select.names[known] ?? 'sort_key', type: expression.type });
  };
  const keys = select.keys.map((key) => ({ ...key, expression: position(key.expression) }));
  const on = select.distinctOn.map(position);
  const fields = expressions.map((expression, index) => ({ name: select.names[index] ?? 'sort_key', type: expression.type }));
  const projected: LogicalPlan = { kind: 'project', input: select.input, expressions, fields };
  const limited = limitOf(orderAndDistinct(projected, keys, select.distinct === null ? null : on), select.limit);
  const width = select.outputs.length;
  if (width === fields.length) return limited;
  const kept = fields.slice(0, width);
  return { kind: 'project', input: limited, expressions: kept.map((field, index) => columnOf(index, field)), fields: kept };
}

/** Plain DISTINCT comes before the Sort; DISTINCT ON takes the first rows after it. */
function orderAndDistinct(plan: LogicalPlan, keys: readonly SortKey[], on: readonly Expression[] | null): LogicalPlan {
  const { fields } = plan;
  if (on === null) return sortOf(plan, keys);
  if (on.length === 0) return sortOf(distinctOf(plan), keys);
  return { kind: 'distinct', input: sortOf(plan, keys), on, fields };
}

export function sortOf(plan: LogicalPlan, keys: readonly SortKey[]): LogicalPlan {
  return keys.length === 0 ? plan : { kind: 'sort', input: plan, keys, fields: plan.fields };
}

export function limitOf(plan: LogicalPlan, clause: LimitClause): LogicalPlan {
  if (clause.limit === null && clause.offset === null) return plan;
  return { kind: 'limit', input: plan, ...clause, fields: plan.fields };
}
