import type { Expression } from '../../../expr/index.ts';
import {
  type AggregateCall,
  type AggregatePlan,
  GROUPING_SIGNATURE,
  groupingBits,
  type LogicalPlan,
  mapAggregateCall,
  planExpressions,
} from '../../logical/index.ts';
import { bindOuter, withoutConditions } from './bind-outer.ts';
import { bindOuterReads, columnOf, outerReads, selectColumns } from './columns.ts';
import { complete } from './empty-row.ts';
import { moveTies } from './unnest-project.ts';
import type { Dependence, Unnested } from './unnested.ts';

/** Groups by the keys too. An aggregate without GROUP BY has a row for outer rows that meet none, which is left to the join to make up. */
export function unnestAggregate(plan: AggregatePlan, dependence: Dependence): Unnested | null {
  const apart = withTotalsApart(plan);
  if (apart !== null) return dependence.unnest(apart);
  const whole = plan.groupBy.length === 0;
  const empty = whole ? emptyValues(plan.calls, dependence) : null;
  const below = dependence.unnest(plan.input);
  if (below === null) return null;
  const input = withoutConditions(complete(below, dependence), dependence);
  const reads = [...new Set(planExpressions(plan).flatMap(outerReads))];
  const { unnested, position } = bindOuter(input, reads, dependence);
  const bind = (expression: Expression): Expression => bindOuterReads(expression, position);
  const keyColumns = [...new Set(unnested.keys.map((key) => key.column))];
  const ownKeys = plan.groupBy.length;
  const groupBy = [...plan.groupBy.map(bind), ...keyColumns.map((column) => columnOf(unnested.plan.fields, column))];
  const keyFields = keyColumns.map((column) => unnested.plan.fields[column]!);
  const grouped: AggregatePlan = {
    kind: 'aggregate',
    input: unnested.plan,
    groupBy,
    groupingSets: plan.groupingSets.map((set) => [...set, ...keyColumns.map((_, index) => ownKeys + index)]),
    calls: plan.calls.map((call) => mapAggregateCall(call, bind)),
    fields: [...plan.fields.slice(0, ownKeys), ...keyFields, ...plan.fields.slice(ownKeys)],
  };
  const width = plan.fields.length;
  const order = plan.fields.map((_, index) => (index < ownKeys ? index : index + keyColumns.length));
  const moved = (column: number): number => width + keyColumns.indexOf(column);
  return {
    plan: selectColumns(grouped, [...order, ...keyColumns.map((_, index) => ownKeys + index)]),
    ...moveTies(unnested, dependence.outer.fields.length, moved),
    empty,
    single: whole,
  };
}

/**
 * GROUPING SETS with () as a union: that set has a row where nothing is grouped, others have none, and which of them is missing could not be told afterwards.
 * Null: nothing is to be taken apart.
 */
function withTotalsApart(plan: AggregatePlan): LogicalPlan | null {
  const { groupBy, groupingSets, fields } = plan;
  const grouping = groupingSets.filter((set) => set.length > 0);
  const isTotal = groupBy.length === 0 && !plan.calls.some(isGrouping);
  if (grouping.length === groupingSets.length || (isTotal && groupingSets.length === 1)) return null;
  const totals = groupingSets.filter((set) => set.length === 0).map(() => totalOf(plan));
  const inputs = grouping.length === 0 ? totals : [{ ...plan, groupingSets: grouping }, ...totals];
  return inputs.length === 1 ? inputs[0]! : { kind: 'set-operation', operator: 'union', all: true, inputs, fields };
}

/** The rows of () alone, with the columns of the plan. */
function totalOf(plan: AggregatePlan): LogicalPlan {
  const { groupBy, calls, fields } = plan;
  const asked = calls.filter((call) => !isGrouping(call));
  const ownFields = fields.slice(groupBy.length).filter((_, index) => !isGrouping(calls[index]!));
  const input: AggregatePlan = { kind: 'aggregate', input: plan.input, groupBy: [], groupingSets: [[]], calls: asked, fields: ownFields };
  const expressions = fields.map(({ type }, index): Expression => {
    const call = calls[index - groupBy.length];
    if (call === undefined) return { kind: 'literal', type, value: null };
    return isGrouping(call) ? { kind: 'literal', type, value: groupingBits(call, plan, []) } : columnOf(ownFields, asked.indexOf(call));
  });
  return { kind: 'project', input, expressions, fields };
}

function isGrouping({ signature }: AggregateCall): boolean {
  return signature === GROUPING_SIGNATURE;
}

/** What the calls give over no rows. */
function emptyValues(calls: readonly AggregateCall[], { context }: Dependence): Expression[] {
  return calls.map((call): Expression => {
    const argumentTypes = [...call.args.map((arg) => arg.type), ...call.orderBy.map((key) => key.expression.type)];
    const value = context.aggregates.get(call.signature)!.createReference({ argumentTypes, resultType: call.type, appendOnly: true }).result();
    return { kind: 'literal', type: call.type, value };
  });
}
