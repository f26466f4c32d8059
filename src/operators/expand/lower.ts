import type { Expression } from '../../expr/index.ts';
import { type AggregateCall, type AggregatePlan, type Field, GROUPING_SIGNATURE, groupingBits, type LogicalPlan } from '../../plan/logical/index.ts';
import { forwardInput, type Lowering, type LoweringContext, type PhysicalPlan, STATELESS, type WindowColumns } from '../../plan/physical/index.ts';
import { boolType, int4Type } from '../../types/index.ts';
import { type CalcColumn, calcNode } from '../calc/lower.ts';
import { aggregateInput } from '../hash-aggregate/aggregate-input.ts';
import { lowerHashAggregate } from '../hash-aggregate/lower.ts';
import type { AggregateCallSpec } from '../spec/index.ts';
import { unionNode } from '../union-all/lower.ts';
import { aggregateByWindow, keyProgress } from '../window-aggregate/lower.ts';
import { expandSpecCodec } from './spec.ts';

/**
 * GROUPING SETS, ROLLUP, CUBE and GROUPING(): an aggregation of expanded rows by the keys and the number of the set, and beside it one without keys for
 * each set of none.
 */
export const lowerGroupingSets: Lowering = {
  operator: 'expand',
  lower(plan, context) {
    if (plan.kind !== 'aggregate' || isPlain(plan)) return null;
    const keyed = plan.groupingSets.filter((set) => set.length > 0);
    const parts = plan.groupingSets.filter((set) => set.length === 0).map((set) => aggregateSet(plan, set, context));
    if (keyed.length === 1) parts.push(aggregateSet(plan, keyed[0]!, context));
    else if (keyed.length > 1) parts.push(aggregateExpanded(plan, keyed, context));
    return parts.length === 1 ? parts[0]! : unionNode(parts, plan.fields);
  },
};

function isPlain(plan: AggregatePlan): boolean {
  const [set, ...others] = plan.groupingSets;
  return set !== undefined && others.length === 0 && set.length === plan.groupBy.length && !plan.calls.some(isGrouping);
}

function isGrouping(call: AggregateCall): boolean {
  return call.signature === GROUPING_SIGNATURE;
}

/** A set of its own is an aggregation by its keys; the others are NULL above it. */
function aggregateSet(plan: AggregatePlan, set: readonly number[], context: LoweringContext): PhysicalPlan {
  const calls = plan.calls.filter((call) => !isGrouping(call));
  const fields = [...set.map((position) => plan.fields[position]!), ...callFields(plan)];
  const groupBy = set.map((position) => plan.groupBy[position]!);
  const alone: AggregatePlan = { kind: 'aggregate', input: plan.input, groupBy, groupingSets: [set.map((_, index) => index)], calls, fields };
  return outputOf(plan, context.lower(alone), {
    key: (position) => (set.includes(position) ? set.indexOf(position) : null),
    firstCall: set.length,
    grouping: (call) => literal(groupingBits(call, plan, set)),
  });
}

function aggregateExpanded(plan: AggregatePlan, sets: readonly (readonly number[])[], context: LoweringContext): PhysicalPlan {
  const calls = plan.calls.filter((call) => !isGrouping(call));
  const { input, keyCount, calls: specs } = aggregateInput({ ...plan, calls }, context);
  const expanded = expandNode(input, keyCount, sets);
  // The aggregation above is planned as any other is, over rows whose plan is known already.
  const rows: LogicalPlan = { kind: 'values', rows: [], fields: expanded.columns };
  const groupBy = Array.from({ length: keyCount + 1 }, (_, index) => column(index, expanded.columns[index]!));
  const aggregate: AggregatePlan = {
    kind: 'aggregate',
    input: rows,
    groupBy,
    groupingSets: [groupBy.map((_, index) => index)],
    calls: calls.map((call, index) => overExpanded(call, specs[index]!, expanded.columns, keyCount)),
    fields: [...expanded.columns.slice(0, keyCount + 1), ...callFields(plan)],
  };
  const within: LoweringContext = {
    ...context,
    lower: (child) => (child === rows ? expanded : context.lower(child)),
    stateTtl: (child) => context.stateTtl(child === rows ? plan.input : child),
  };
  const aggregated = aggregateByWindow(aggregate, within, (key) => keyProgress(plan, key)) ?? lowerHashAggregate.lower(aggregate, within)!;
  return outputOf(plan, aggregated, {
    key: (position) => position,
    firstCall: keyCount + 1,
    grouping: (call) => bitsBySet(call, plan, sets, column(keyCount, expanded.columns[keyCount]!)),
  });
}

function callFields(plan: AggregatePlan): Field[] {
  return plan.fields.slice(plan.groupBy.length).filter((_, index) => !isGrouping(plan.calls[index]!));
}

/** The call over the columns behind the set's number. */
function overExpanded(call: AggregateCall, spec: AggregateCallSpec, columns: readonly Field[], keyCount: number): AggregateCall {
  const moved = (position: number): Expression => {
    const index = position < keyCount ? position : position + 1;
    return column(index, columns[index]!);
  };
  return {
    ...call,
    args: spec.args.map(moved),
    filter: spec.filter === null ? null : moved(spec.filter),
    orderBy: call.orderBy.map((key, index) => ({ ...key, expression: moved(spec.orderBy[index]!.column) })),
  };
}

function expandNode(input: PhysicalPlan, keyCount: number, sets: readonly (readonly number[])[]): PhysicalPlan {
  const names = input.columns.map((one) => one.name);
  const label = `Expand ${sets.map((set) => `(${set.map((key) => names[key]).join(', ')})`).join(', ')}`;
  return {
    kind: 'operator',
    operator: { kind: expandSpecCodec.kind, version: expandSpecCodec.version, parameters: expandSpecCodec.encode({ keyCount, sets }), label },
    state: STATELESS,
    inputs: [forwardInput(input)],
    parallelism: input.distribution.kind === 'single' ? 'one' : 'all',
    columns: [...input.columns.slice(0, keyCount), { name: 'grouping_set', type: int4Type }, ...input.columns.slice(keyCount)],
    appendOnly: input.appendOnly,
    net: false,
    distribution: input.distribution.kind === 'single' ? input.distribution : { kind: 'any' },
    uniqueKeys: [],
    window: expandedWindow(input.window, keyCount, sets),
    latenessMicros: input.latenessMicros,
  };
}

/** A window's column is still one where every set has it. */
function expandedWindow(window: WindowColumns | null, keyCount: number, sets: readonly (readonly number[])[]): WindowColumns | null {
  if (window === null) return null;
  const moved = (position: number | null): number | null => {
    if (position === null || position >= keyCount) return null;
    return sets.every((set) => set.includes(position)) ? position : null;
  };
  return { start: moved(window.start), end: moved(window.end), time: moved(window.time) };
}

interface OutputColumns {
  /** Where a key stands in the aggregation; null: the set leaves it out. */
  readonly key: (position: number) => number | null;
  readonly firstCall: number;
  readonly grouping: (call: AggregateCall) => Expression;
}

/** The aggregation's rows with the columns of the plan. */
function outputOf(plan: AggregatePlan, aggregated: PhysicalPlan, { key, firstCall, grouping }: OutputColumns): PhysicalPlan {
  let next = firstCall;
  const columns = plan.fields.map((field, index): CalcColumn => {
    const call = plan.calls[index - plan.groupBy.length];
    if (call !== undefined) return { name: field.name, expression: isGrouping(call) ? grouping(call) : column(next++, field) };
    const position = key(index);
    return { name: field.name, expression: position === null ? { kind: 'literal', value: null, type: field.type } : column(position, field) };
  });
  return calcNode(aggregated, null, columns);
}

/** GROUPING() by the number of the row's set. */
function bitsBySet(call: AggregateCall, plan: AggregatePlan, sets: readonly (readonly number[])[], set: Expression): Expression {
  const bits = sets.map((one) => groupingBits(call, plan, one));
  const isSet = (number: number): Expression => ({ kind: 'call', signature: 'int4 = int4 -> bool', args: [set, literal(number)], type: boolType });
  const branches = bits.slice(1).map((value, index) => ({ condition: isSet(index + 1), result: literal(value) }));
  return { kind: 'case', branches, otherwise: literal(bits[0]!), type: int4Type };
}

function literal(value: number): Expression {
  return { kind: 'literal', value, type: int4Type };
}

function column(index: number, { name, type }: Field): Expression {
  return { kind: 'column', index, name, type };
}
