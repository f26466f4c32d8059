import type { Expression } from '../../expr/index.ts';
import type { AggregateCall, AggregatePlan } from '../../plan/logical/index.ts';
import type { LoweringContext, PhysicalPlan } from '../../plan/physical/index.ts';
import { type CalcColumn, calcNode } from '../calc/lower.ts';
import type { AggregateCallSpec } from '../spec/index.ts';

/** An aggregation's input with keys first, then everything the calls read, each expression once. */
export interface AggregateInput {
  readonly input: PhysicalPlan;
  readonly keyCount: number;
  readonly calls: readonly AggregateCallSpec[];
}

/** Turns key, argument, filter and order expressions into columns of a calc. Grouping sets are not looked at. */
export function aggregateInput(plan: AggregatePlan, context: LoweringContext): AggregateInput {
  const columns: CalcColumn[] = [];
  const add = (expression: Expression): number => {
    const text = expressionText(expression);
    const known = columns.findIndex((column, index) => index >= plan.groupBy.length && expressionText(column.expression) === text);
    if (known >= 0) return known;
    const name = expression.kind === 'column' ? expression.name : `expression${columns.length}`;
    return columns.push({ name, expression }) - 1;
  };
  plan.groupBy.forEach((expression, index) => columns.push({ name: plan.fields[index]!.name, expression }));
  const calls = plan.calls.map((call) => callSpec(call, add));
  return { input: calcNode(context.lower(plan.input), null, columns), keyCount: plan.groupBy.length, calls };
}

function callSpec(call: AggregateCall, add: (expression: Expression) => number): AggregateCallSpec {
  return {
    signature: call.signature,
    args: call.args.map(add),
    distinct: call.distinct,
    filter: call.filter === null ? null : add(call.filter),
    orderBy: call.orderBy.map((key) => ({ column: add(key.expression), descending: key.descending, nullsFirst: key.nullsFirst })),
    type: call.type,
  };
}

function expressionText(expression: Expression): string {
  return JSON.stringify(expression, (key, value: unknown) => (key === 'span' ? undefined : typeof value === 'bigint' ? `${value}n` : value));
}

/** `Aggregate keys · calls` for EXPLAIN. */
export function aggregateLabel(name: string, plan: AggregatePlan, { combined }: { readonly combined: boolean }): string {
  const keys = plan.fields.slice(0, plan.groupBy.length).map((field) => field.name);
  const calls = plan.calls.map((call, index) => `${plan.fields[plan.groupBy.length + index]!.name} = ${call.name}`);
  return `${name}${keys.length === 0 ? '' : ` by ${keys.join(', ')}`}${calls.length === 0 ? '' : ` · ${calls.join(', ')}`}${combined ? ' · global' : ''}`;
}
