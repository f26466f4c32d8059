import type { Expression } from '../../expr/index.ts';
import type { AggregatePlan, Field, LogicalPlan } from '../../plan/logical/index.ts';
import type { Lowering, LoweringContext, OperatorNode, PhysicalPlan } from '../../plan/physical/index.ts';
import { boolType } from '../../types/index.ts';
import { separateCalcNode } from '../calc/lower.ts';
import { combinedRows } from '../combine-rows/lower.ts';
import { type AggregateInput, aggregateInput } from '../hash-aggregate/aggregate-input.ts';
import { lowerHashAggregate } from '../hash-aggregate/lower.ts';
import type { AggregateCallSpec } from '../spec/index.ts';
import { unionNode } from '../union-all/lower.ts';

const BOOL_OR = 'bool_or(bool) -> bool';

/** Rows with the keys first, and what calls of the second phase read of them; `call`: which of the plan's. */
interface Part {
  readonly rows: PhysicalPlan;
  readonly calls: readonly { readonly call: number; readonly spec: AggregateCallSpec }[];
}

/**
 * An aggregation that the rule distinct-in-two-phases has marked and that still has calls of different values: those that nobody reads have been pruned. Asked
 * after window-aggregate, whose groups end by themselves.
 */
export const lowerDistinctInTwoPhases: Lowering = {
  operator: 'distinct-phases',
  lower(plan, context) {
    if (plan.kind !== 'aggregate' || plan.splitDistinct !== true || !plan.calls.some(({ distinct }) => distinct)) return null;
    const prepared = aggregateInput(plan, context);
    const parts = [...plainPart(plan, prepared), ...valueParts(plan, prepared, context)];
    const [first, ...others] = parts;
    return secondPhase(plan, others.length === 0 ? first! : unionOf(parts, prepared.keyCount), context);
  },
};

/** The rows themselves, for calls that count each of them. */
function plainPart(plan: AggregatePlan, prepared: AggregateInput): Part[] {
  const calls = prepared.calls.flatMap((spec, call) => (spec.distinct ? [] : [{ call, spec }]));
  if (calls.length === 0) return [];
  const { rows, moved } = columnsOf(
    prepared,
    calls.flatMap(({ spec }) => [...spec.args, ...(spec.filter === null ? [] : [spec.filter]), ...spec.orderBy.map((key) => key.column)]),
  );
  const movedCalls = calls.map(({ call, spec }) => ({ call, spec: withColumns(spec, moved) }));
  const specs = movedCalls.map(({ spec }) => spec);
  return [{ rows: plan.local === true && rows.appendOnly ? combinedRows(rows, prepared.keyCount, specs) : rows, calls: movedCalls }];
}

/** The first phase: for each set of arguments the different values of each group, with one column a filter that tells whether a row passes it. */
function valueParts(plan: AggregatePlan, prepared: AggregateInput, context: LoweringContext): Part[] {
  const byArguments = new Map<string, { readonly call: number; readonly spec: AggregateCallSpec }[]>();
  for (const [call, spec] of prepared.calls.entries()) {
    if (!spec.distinct) continue;
    const key = spec.args.join();
    byArguments.set(key, [...(byArguments.get(key) ?? []), { call, spec }]);
  }
  return [...byArguments.values()].map((calls) => valuePart(plan, { ...prepared, distinctCalls: calls }, context));
}

function valuePart(plan: AggregatePlan, prepared: AggregateInput & { readonly distinctCalls: Part['calls'] }, context: LoweringContext): Part {
  const { args } = prepared.distinctCalls[0]!.spec;
  const asked = [...new Set(prepared.distinctCalls.flatMap(({ spec }) => (spec.filter === null ? [] : [spec.filter])))];
  const { rows, moved } = columnsOf(prepared, [...args, ...asked]);
  const keyCount = prepared.keyCount + new Set(args).size;
  // A filter that is a key or an argument itself is the same for all rows that are equal here.
  const filters = asked.filter((filter) => moved(filter) >= keyCount);
  const rowsPlan = planOf(rows, plan);
  const groupBy = rows.columns.slice(0, keyCount).map((field, index) => column(index, field));
  const values: AggregatePlan = {
    kind: 'aggregate',
    input: rowsPlan,
    groupBy,
    groupingSets: [groupBy.map((_, index) => index)],
    calls: filters.map((filter) => {
      const index = moved(filter);
      return {
        signature: BOOL_OR,
        name: 'bool_or',
        args: [column(index, rows.columns[index]!)],
        distinct: false,
        filter: null,
        orderBy: [],
        type: boolType,
      };
    }),
    fields: rows.columns,
    // Rows are equal here that agree in their filters, too, and of those the number does not matter.
    local: true,
  };
  const found = lowered(values, rowsPlan, rows, context);
  const calls = prepared.distinctCalls.map(({ call, spec }) => ({ call, spec: { ...withColumns(spec, moved), distinct: false } }));
  return { rows: labelled(found, found.operator.label.replace('Aggregate', 'DistinctValues')), calls };
}

function secondPhase(plan: AggregatePlan, { rows, calls }: Part, context: LoweringContext): PhysicalPlan {
  const rowsPlan = planOf(rows, plan);
  const at = (index: number): Expression => column(index, rows.columns[index]!);
  const byCall = new Map(calls.map(({ call, spec }) => [call, spec]));
  const { splitDistinct: _, local: __, ...rest } = plan;
  const aggregate: AggregatePlan = {
    ...rest,
    input: rowsPlan,
    groupBy: plan.groupBy.map((_key, index) => at(index)),
    calls: plan.calls.map((call, index) => {
      const spec = byCall.get(index)!;
      const orderBy = call.orderBy.map((key, position) => ({ ...key, expression: at(spec.orderBy[position]!.column) }));
      return { ...call, args: spec.args.map(at), distinct: false, filter: spec.filter === null ? null : at(spec.filter), orderBy };
    }),
  };
  const node = lowered(aggregate, rowsPlan, rows, context);
  return labelled(node, `${node.operator.label} · of different values`);
}

/** The parts one below the other, each with columns of its own and one that is true for its rows alone; a call without a filter looks at that. */
function unionOf(parts: readonly Part[], keyCount: number): Part {
  const keys = parts[0]!.rows.columns.slice(0, keyCount);
  const columns: Field[] = [...keys];
  const calls: Part['calls'][number][] = [];
  const starts = parts.map((part, index) => {
    const start = columns.length;
    columns.push(...part.rows.columns.slice(keyCount), { name: `part${index + 1}`, type: boolType });
    const moved = (position: number): number => (position < keyCount ? position : start + position - keyCount);
    for (const { call, spec } of part.calls) {
      calls.push({ call, spec: { ...withColumns(spec, moved), filter: spec.filter === null ? columns.length - 1 : moved(spec.filter) } });
    }
    return start;
  });
  const widened = parts.map(({ rows }, index) => {
    const start = starts[index]!;
    const mark = start + rows.columns.length - keyCount;
    return separateCalcNode(
      rows,
      columns.map(({ name, type }, position) => {
        if (position === mark) return { name, expression: { kind: 'literal', value: true, type } };
        const own = position < keyCount ? position : position >= start && position < mark ? position - start + keyCount : null;
        return { name, expression: own === null ? { kind: 'literal', value: null, type } : column(own, { name, type }) };
      }),
    );
  });
  return { rows: unionNode(widened, columns), calls };
}

/** The keys and some of the other columns of the prepared rows, each once, by a node that has not been merged with the one below: what can fail there fails once a row. */
function columnsOf(
  { input, keyCount }: AggregateInput,
  wanted: readonly number[],
): { readonly rows: PhysicalPlan; readonly moved: (index: number) => number } {
  const kept = [...Array.from({ length: keyCount }, (_, index) => index), ...new Set(wanted)];
  const rows = separateCalcNode(
    input,
    kept.map((index) => ({ name: input.columns[index]!.name, expression: column(index, input.columns[index]!) })),
  );
  return { rows, moved: (index) => kept.indexOf(index) };
}

function withColumns(spec: AggregateCallSpec, moved: (index: number) => number): AggregateCallSpec {
  return {
    ...spec,
    args: spec.args.map(moved),
    filter: spec.filter === null ? null : moved(spec.filter),
    orderBy: spec.orderBy.map((key) => ({ ...key, column: moved(key.column) })),
  };
}

/** Stands for rows that have been planned already. */
function planOf(rows: PhysicalPlan, { input }: AggregatePlan): LogicalPlan {
  return { kind: 'project', input, expressions: [], fields: rows.columns };
}

function lowered(plan: AggregatePlan, rowsPlan: LogicalPlan, rows: PhysicalPlan, context: LoweringContext): OperatorNode {
  return lowerHashAggregate.lower(plan, { ...context, lower: (child) => (child === rowsPlan ? rows : context.lower(child)) }) as OperatorNode;
}

function labelled(node: OperatorNode, label: string): OperatorNode {
  return { ...node, operator: { ...node.operator, label } };
}

function column(index: number, { name, type }: Field): Expression {
  return { kind: 'column', index, name, type };
}
