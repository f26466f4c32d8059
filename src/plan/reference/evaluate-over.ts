import type { Datum } from '../../types/index.ts';
import type { OverCall, OverPlan } from '../logical/index.ts';
import { aggregateRows } from './evaluate-aggregate.ts';
import { sortOrder } from './evaluate-sort.ts';
import { frameRows } from './frame.ts';
import type { ReferenceRun } from './reference-run.ts';
import { compareRows, type Row, rowKey } from './row.ts';
import { windowValue } from './window-value.ts';

/** A row of a sorted partition with its sort values and where its peers begin and end. */
export interface PartitionRow {
  readonly row: Row;
  readonly order: Row;
  readonly position: number;
  peerStart: number;
  peerEnd: number;
  /** Number of the peer group, from 0. */
  peerGroup: number;
}

/** Window functions: one more column a call, rows in their order. */
export function evaluateOver(plan: OverPlan, run: ReferenceRun): readonly Row[] {
  const rows = run.rows(plan.input);
  const columns = plan.calls.map((call) => callColumn(call, rows, run));
  return rows.map((row, index) => [...row, ...columns.map((column) => column[index] ?? null)]);
}

function callColumn(call: OverCall, rows: readonly Row[], run: ReferenceRun): (Datum | null)[] {
  const column = new Array<Datum | null>(rows.length).fill(null);
  for (const indices of partitions(call, rows, run).values()) {
    const partition = sortedPartition(
      call,
      indices.map((index) => rows[index]!),
      run,
    );
    partition.forEach((entry) => {
      column[indices[entry.position]!] = callValue(call, entry, { partition, run });
    });
  }
  return column;
}

function partitions(call: OverCall, rows: readonly Row[], run: ReferenceRun): Map<string, number[]> {
  const types = call.partitionBy.map((expression) => expression.type);
  const found = new Map<string, number[]>();
  rows.forEach((row, index) => {
    const key = rowKey(
      types,
      call.partitionBy.map((expression) => run.value(expression, row)),
    );
    const group = found.get(key);
    if (group === undefined) found.set(key, [index]);
    else group.push(index);
  });
  return found;
}

/** Sorted, with peers marked; `position` is the row's place before sorting. */
function sortedPartition(call: OverCall, rows: readonly Row[], run: ReferenceRun): PartitionRow[] {
  const order = sortOrder(call.orderBy);
  const entries = rows.map(
    (row, position): PartitionRow => ({
      row,
      order: call.orderBy.map((key) => run.value(key.expression, row)),
      position,
      peerStart: 0,
      peerEnd: 0,
      peerGroup: 0,
    }),
  );
  entries.sort((left, right) => compareRows(left.order, right.order, order));
  let start = 0;
  let group = 0;
  for (let i = 1; i <= entries.length; i++) {
    if (i < entries.length && compareRows(entries[i]!.order, entries[start]!.order, order) === 0) continue;
    for (let j = start; j < i; j++) Object.assign(entries[j]!, { peerStart: start, peerEnd: i, peerGroup: group });
    start = i;
    group++;
  }
  return entries;
}

function callValue(
  call: OverCall,
  entry: PartitionRow,
  context: { readonly partition: readonly PartitionRow[]; readonly run: ReferenceRun },
): Datum | null {
  if (call.function.kind === 'window') return windowValue(call, call.function.name, { entry, ...context });
  const rows = frameRows(call, entry, context).map((one) => one.row);
  const aggregate = {
    signature: call.function.signature,
    name: call.function.signature,
    args: call.args,
    distinct: false,
    filter: call.filter,
    orderBy: [],
    type: call.type,
  };
  return aggregateRows(aggregate, rows, context.run);
}
