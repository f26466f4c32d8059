import type { Expression } from '../../../expr/index.ts';
import { type AggregateCall, type AggregatePlan, GROUPING_SIGNATURE, mapAggregateCall, planExpressions } from '../../logical/index.ts';
import { bindOuter, withoutConditions } from './bind-outer.ts';
import { bindOuterReads, columnOf, outerReads, selectColumns } from './columns.ts';
import { complete } from './empty-row.ts';
import { moveTies } from './unnest-project.ts';
import type { Dependence, Unnested } from './unnested.ts';

/** Groups by the keys too. An aggregate without GROUP BY has a row for outer rows that meet none, which is left to the join to make up. */
export function unnestAggregate(plan: AggregatePlan, dependence: Dependence): Unnested | null {
  const whole = plan.groupBy.length === 0;
  // GROUPING SETS with () have such a row beside others, and which of them is missing cannot be told afterwards.
  if (!whole && plan.groupingSets.some((set) => set.length === 0)) return null;
  if (whole && plan.groupingSets.length !== 1) return null;
  const empty = whole ? emptyValues(plan.calls, dependence) : null;
  if (whole && empty === null) return null;
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

/** What the calls give over no rows. Null: GROUPING, which is no matter of rows. */
function emptyValues(calls: readonly AggregateCall[], { context }: Dependence): Expression[] | null {
  if (calls.some((call) => call.signature === GROUPING_SIGNATURE)) return null;
  return calls.map((call): Expression => {
    const argumentTypes = [...call.args.map((arg) => arg.type), ...call.orderBy.map((key) => key.expression.type)];
    const value = context.aggregates.get(call.signature)!.createReference({ argumentTypes, resultType: call.type, appendOnly: true }).result();
    return { kind: 'literal', type: call.type, value };
  });
}
