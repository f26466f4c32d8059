import { SqlError, SqlState } from '../../base/index.ts';
import type { ReferenceAggregate } from '../../spi/index.ts';
import { type AggregateCall, type AggregatePlan, expressionKey, GROUPING_SIGNATURE } from '../logical/index.ts';
import type { ReferenceRun } from './reference-run.ts';
import { type Row, rowKey } from './row.ts';

/** GROUP BY with grouping sets; without groups one row, also over no input. */
export function evaluateAggregate(plan: AggregatePlan, run: ReferenceRun): readonly Row[] {
  const rows = run.rows(plan.input);
  const keyed = rows.map((row) => ({ row, keys: plan.groupBy.map((expression) => run.value(expression, row)) }));
  const result: Row[] = [];
  for (const set of plan.groupingSets) result.push(...groupingSet(plan, set, { keyed, run }));
  return result;
}

interface KeyedRows {
  readonly keyed: readonly { readonly row: Row; readonly keys: Row }[];
  readonly run: ReferenceRun;
}

function groupingSet(plan: AggregatePlan, set: readonly number[], { keyed, run }: KeyedRows): Row[] {
  const types = set.map((position) => plan.groupBy[position]!.type);
  const groups = new Map<string, { readonly keys: Row; readonly rows: Row[] }>();
  if (set.length === 0) groups.set('', { keys: plan.groupBy.map(() => null), rows: [] });
  for (const { row, keys } of keyed) {
    const values = set.map((position) => keys[position] ?? null);
    const key = set.length === 0 ? '' : rowKey(types, values);
    const group = groups.get(key);
    if (group !== undefined) group.rows.push(row);
    else groups.set(key, { keys: keys.map((value, position) => (set.includes(position) ? value : null)), rows: [row] });
  }
  const value = (call: AggregateCall, rows: readonly Row[]) =>
    call.signature === GROUPING_SIGNATURE ? groupingBits(call, plan, set) : aggregateRows(call, rows, run);
  return [...groups.values()].map((group) => [...group.keys, ...plan.calls.map((call) => value(call, group.rows))]);
}

/** A bit for each argument, the last one lowest: set where the grouping set leaves the argument out. */
function groupingBits(call: AggregateCall, plan: AggregatePlan, set: readonly number[]): number {
  const grouped = new Set(set.map((position) => expressionKey(plan.groupBy[position]!)));
  return call.args.reduce((bits, arg) => bits * 2 + (grouped.has(expressionKey(arg)) ? 0 : 1), 0);
}

/** One call over the rows of a group (or of a window frame). */
export function aggregateRows(call: AggregateCall, rows: readonly Row[], run: ReferenceRun): ReturnType<ReferenceAggregate['result']> {
  const definition = run.environment.aggregates.get(call.signature);
  if (definition === undefined) throw new SqlError({ code: SqlState.internalError, message: `aggregate ${call.signature} is not built in` });
  const types = call.args.map((arg) => arg.type);
  const aggregate = definition.createReference({
    argumentTypes: [...types, ...call.orderBy.map((key) => key.expression.type)],
    resultType: call.type,
    appendOnly: true,
    orderBy: call.orderBy.map(({ descending, nullsFirst }, index) => ({ argument: types.length + index, descending, nullsFirst })),
  });
  const { filter } = call;
  const counted = filter === null ? rows : rows.filter((row) => run.value(filter, row) === true);
  const seen = new Set<string>();
  for (const row of counted) {
    const args = call.args.map((arg) => run.value(arg, row));
    if (call.distinct) {
      const key = rowKey(types, args);
      if (seen.has(key)) continue;
      seen.add(key);
    }
    aggregate.add([...args, ...call.orderBy.map((key) => run.value(key.expression, row))], 1);
  }
  return aggregate.result();
}
