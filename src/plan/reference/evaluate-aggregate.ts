import { SqlError, SqlState } from '../../base/index.ts';
import type { ReferenceAggregate } from '../../spi/index.ts';
import type { Datum, SqlType } from '../../types/index.ts';
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
export function aggregateRows(call: AggregateCall, rows: readonly Row[], run: ReferenceRun): Datum | null {
  const aggregate = new RunningAggregate(call, run);
  for (const row of rows) aggregate.add(row);
  return aggregate.result();
}

/** One call that takes rows one by one and can be asked in between. */
export class RunningAggregate {
  readonly #call: AggregateCall;
  readonly #run: ReferenceRun;
  readonly #aggregate: ReferenceAggregate;
  readonly #types: readonly SqlType[];
  readonly #filter: ((row: Row) => boolean) | null;
  readonly #seen = new Set<string>();

  constructor(call: AggregateCall, run: ReferenceRun) {
    const definition = run.environment.aggregates.get(call.signature);
    if (definition === undefined) throw new SqlError({ code: SqlState.internalError, message: `aggregate ${call.signature} is not built in` });
    this.#call = call;
    this.#run = run;
    this.#types = call.args.map((arg) => arg.type);
    this.#filter = call.filter === null ? null : run.test(call.filter);
    this.#aggregate = definition.createReference({
      argumentTypes: [...this.#types, ...call.orderBy.map((key) => key.expression.type)],
      resultType: call.type,
      appendOnly: true,
      orderBy: call.orderBy.map(({ descending, nullsFirst }, index) => ({ argument: this.#types.length + index, descending, nullsFirst })),
    });
  }

  add(row: Row): void {
    const { args, distinct, orderBy } = this.#call;
    if (this.#filter !== null && !this.#filter(row)) return;
    const values = args.map((arg) => this.#run.value(arg, row));
    if (distinct) {
      const key = rowKey(this.#types, values);
      if (this.#seen.has(key)) return;
      this.#seen.add(key);
    }
    for (const key of orderBy) values.push(this.#run.value(key.expression, row));
    this.#aggregate.add(values, 1);
  }

  result(): Datum | null {
    return this.#aggregate.result();
  }
}
