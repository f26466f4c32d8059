import { type CallEvaluator, createCallEvaluator, PeerGroups, type WindowBound, type WindowCall } from '../../over/index.ts';
import type { Datum } from '../../types/index.ts';
import { type FrameBound, keepsInputOrder, type OverCall, type OverPlan } from '../logical/index.ts';
import { sortOrder } from './evaluate-sort.ts';
import { BREATH, gather, PIECE_ROWS, type Pieces, type Steps, sortInSteps } from './pieces.ts';
import type { ReferenceRun } from './reference-run.ts';
import { compareRows, type Row, rowKey } from './row.ts';
import { orderTies } from './tie-order.ts';

/** Frames are evaluated one by one, each as long as it is. */
const BREATH_ROWS = 16;

/** A row of a partition with its sort values; `position` is its place before sorting. */
interface PartitionRow {
  readonly row: Row;
  readonly order: Row;
  readonly position: number;
}

/** Window functions: one more column a call, rows in their order. */
export function* evaluateOver(plan: OverPlan, run: ReferenceRun): Pieces {
  const rows = yield* gather(run.pieces(plan.input));
  const columns: (Datum | null)[][] = [];
  for (const call of plan.calls) columns.push(yield* callColumn(call, rows, { plan, run }));
  for (let at = 0; at < rows.length; at += PIECE_ROWS) {
    yield rows.slice(at, at + PIECE_ROWS).map((row, index) => [...row, ...columns.map((column) => column[at + index] ?? null)]);
  }
}

interface OverContext {
  readonly plan: OverPlan;
  readonly run: ReferenceRun;
}

function* callColumn(call: OverCall, rows: readonly Row[], context: OverContext): Steps<(Datum | null)[]> {
  const column = new Array<Datum | null>(rows.length).fill(null);
  for (const indices of (yield* partitions(call, rows, context.run)).values()) {
    const members = indices.map((index) => rows[index]!);
    const partition = yield* sortedPartition(call, members, context);
    const evaluator = callEvaluator(call, partition, context.run);
    for (const [index, entry] of partition.entries()) {
      column[indices[entry.position]!] = evaluator.value(index);
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

function* sortedPartition(call: OverCall, rows: readonly Row[], { plan, run }: OverContext): Steps<PartitionRow[]> {
  const order = sortOrder(call.orderBy);
  const unsorted: PartitionRow[] = [];
  for (const [position, row] of rows.entries()) {
    unsorted.push({ row, order: call.orderBy.map((key) => run.value(key.expression, row)), position });
    if (position % PIECE_ROWS === PIECE_ROWS - 1) yield BREATH;
  }
  if (keepsInputOrder(call, plan.input)) return unsorted;
  const compare = (left: PartitionRow, right: PartitionRow): number => compareRows(left.order, right.order, order);
  const sorted = yield* sortInSteps(unsorted, compare);
  yield* orderTies(sorted, (left, right) => compare(left, right) === 0, plan.input.fields);
  return sorted;
}

function callEvaluator(call: OverCall, partition: readonly PartitionRow[], run: ReferenceRun): CallEvaluator {
  const order = sortOrder(call.orderBy);
  const peers = new PeerGroups();
  peers.update(0, partition.length, (row) => compareRows(partition[row - 1]!.order, partition[row]!.order, order) === 0);
  const passes = call.filter === null ? () => true : run.test(call.filter);
  const values = {
    argument: (index: number, row: number) => run.value(call.args[index]!, partition[row]!.row),
    passes: (row: number) => passes(partition[row]!.row),
    order: (row: number) => partition[row]!.order[0] ?? null,
  };
  return createCallEvaluator(windowCall(call, run), { peers, values }, run.environment);
}

function windowCall(call: OverCall, run: ReferenceRun): WindowCall {
  const bound = ({ kind, offset }: FrameBound): WindowBound => ({
    kind,
    offset: offset === null ? null : { value: run.value(offset, []), type: offset.type },
  });
  const { frame } = call;
  return {
    function: call.function,
    argumentTypes: call.args.map((arg) => arg.type),
    order: sortOrder(call.orderBy)[0] ?? null,
    frame: { ...frame, start: bound(frame.start), end: bound(frame.end) },
    type: call.type,
  };
}
