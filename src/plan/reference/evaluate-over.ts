import type { Datum } from '../../types/index.ts';
import type { AggregateCall, OverCall, OverPlan } from '../logical/index.ts';
import { aggregateRows, RunningAggregate } from './evaluate-aggregate.ts';
import { sortOrder } from './evaluate-sort.ts';
import { frameRows } from './frame.ts';
import { BREATH, gather, PIECE_ROWS, type Pieces, type Steps, sortInSteps } from './pieces.ts';
import type { ReferenceRun } from './reference-run.ts';
import { compareRows, type Row, rowKey } from './row.ts';
import { windowValue } from './window-value.ts';

/** Frames are evaluated one by one, each as long as it is. */
const BREATH_ROWS = 16;

/** A row of a sorted partition with its sort values and where its peers begin and end. */
export interface PartitionRow {
  readonly row: Row;
  readonly order: Row;
  readonly position: number;
  /** Its place after sorting. */
  index: number;
  peerStart: number;
  peerEnd: number;
  /** Number of the peer group, from 0. */
  peerGroup: number;
}

/** Window functions: one more column a call, rows in their order. */
export function* evaluateOver(plan: OverPlan, run: ReferenceRun): Pieces {
  const rows = yield* gather(run.pieces(plan.input));
  const columns: (Datum | null)[][] = [];
  for (const call of plan.calls) columns.push(yield* callColumn(call, rows, run));
  for (let at = 0; at < rows.length; at += PIECE_ROWS) {
    yield rows.slice(at, at + PIECE_ROWS).map((row, index) => [...row, ...columns.map((column) => column[at + index] ?? null)]);
  }
}

function* callColumn(call: OverCall, rows: readonly Row[], run: ReferenceRun): Steps<(Datum | null)[]> {
  const column = new Array<Datum | null>(rows.length).fill(null);
  for (const indices of (yield* partitions(call, rows, run)).values()) {
    const members = indices.map((index) => rows[index]!);
    const partition = yield* sortedPartition(call, members, run);
    const compute = isRunning(call) ? runningValue(call, partition, run) : (entry: PartitionRow) => callValue(call, entry, { partition, run });
    for (const [index, entry] of partition.entries()) {
      column[indices[entry.position]!] = compute(entry);
      if (index % BREATH_ROWS === BREATH_ROWS - 1) yield BREATH;
    }
    yield BREATH;
  }
  return column;
}

function* partitions(call: OverCall, rows: readonly Row[], run: ReferenceRun): Steps<Map<string, number[]>> {
  const types = call.partitionBy.map((expression) => expression.type);
  const found = new Map<string, number[]>();
  for (const [index, row] of rows.entries()) {
    const key = rowKey(
      types,
      call.partitionBy.map((expression) => run.value(expression, row)),
    );
    const group = found.get(key);
    if (group === undefined) found.set(key, [index]);
    else group.push(index);
    if (index % PIECE_ROWS === PIECE_ROWS - 1) yield BREATH;
  }
  return found;
}

/** Sorted, with peers marked; `position` is the row's place before sorting. */
function* sortedPartition(call: OverCall, rows: readonly Row[], run: ReferenceRun): Steps<PartitionRow[]> {
  const order = sortOrder(call.orderBy);
  const unsorted: PartitionRow[] = [];
  for (const [position, row] of rows.entries()) {
    const values = call.orderBy.map((key) => run.value(key.expression, row));
    unsorted.push({ row, order: values, position, index: 0, peerStart: 0, peerEnd: 0, peerGroup: 0 });
    if (position % PIECE_ROWS === PIECE_ROWS - 1) yield BREATH;
  }
  const entries = yield* sortInSteps(unsorted, (left, right) => compareRows(left.order, right.order, order));
  let start = 0;
  let group = 0;
  for (let i = 1; i <= entries.length; i++) {
    if (i % PIECE_ROWS === 0) yield BREATH;
    if (i < entries.length && compareRows(entries[i]!.order, entries[start]!.order, order) === 0) continue;
    for (let j = start; j < i; j++) {
      const entry = entries[j]!;
      entry.index = j;
      entry.peerStart = start;
      entry.peerEnd = i;
      entry.peerGroup = group;
    }
    start = i;
    group++;
  }
  return entries;
}

/** An aggregate over everything up to the current row, the default frame. */
function isRunning(call: OverCall): boolean {
  const { frame } = call;
  return (
    call.function.kind === 'aggregate' &&
    frame.start.kind === 'unbounded-preceding' &&
    frame.end.kind === 'current-row' &&
    frame.exclude === 'no-others'
  );
}

/** The same as a frame for each row, adding every row once; asked in the order of the partition. */
function runningValue(call: OverCall, partition: readonly PartitionRow[], run: ReferenceRun): (entry: PartitionRow) => Datum | null {
  const aggregate = new RunningAggregate(aggregateCallOf(call), run);
  let added = 0;
  let value: Datum | null = null;
  return (entry) => {
    const end = call.frame.unit === 'rows' ? entry.index + 1 : entry.peerEnd;
    if (end > added) {
      for (; added < end; added++) aggregate.add(partition[added]!.row);
      value = aggregate.result();
    }
    return value;
  };
}

function aggregateCallOf(call: OverCall): AggregateCall {
  const signature = call.function.kind === 'aggregate' ? call.function.signature : call.function.name;
  return { signature, name: signature, args: call.args, distinct: false, filter: call.filter, orderBy: [], type: call.type };
}

function callValue(
  call: OverCall,
  entry: PartitionRow,
  context: { readonly partition: readonly PartitionRow[]; readonly run: ReferenceRun },
): Datum | null {
  if (call.function.kind === 'window') return windowValue(call, call.function.name, { entry, ...context });
  const rows = frameRows(call, entry, context).map((one) => one.row);
  return aggregateRows(aggregateCallOf(call), rows, context.run);
}
