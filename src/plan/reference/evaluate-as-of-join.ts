import { compareDatums, type Datum } from '../../types/index.ts';
import type { AsOfJoinPlan } from '../logical/index.ts';
import { BREATH, gather, inPieces, type Pieces, type Steps, sortInSteps } from './pieces.ts';
import type { ReferenceRun } from './reference-run.ts';
import { type Row, rowKey } from './row.ts';
import { orderTies } from './tie-order.ts';

/** Each left row with the right row of its key that is nearest in time; without a time, with all rows of its key. */
export function* evaluateAsOfJoin(plan: AsOfJoinPlan, run: ReferenceRun): Pieces {
  const buckets = yield* rightRows(plan, run);
  const types = plan.leftKeys.map((key) => plan.left.fields[key]!.type);
  const noRight: Row = plan.right.fields.map(() => null);
  for (const rows of run.pieces(plan.left)) {
    const joined: Row[] = [];
    for (const row of rows) {
      const key = keyOf(row, plan.leftKeys, types);
      const found = matchesOf(plan, row, (key === null ? undefined : buckets.get(key)) ?? []);
      for (const other of found) joined.push([...row, ...other]);
      if (found.length === 0 && plan.joinType === 'left') joined.push([...row, ...noRight]);
    }
    yield joined;
  }
}

/** Right rows by key, nearest first for a left row beyond all of them. */
function* rightRows({ right, rightKeys, time }: AsOfJoinPlan, run: ReferenceRun): Steps<Map<string, Row[]>> {
  const types = rightKeys.map((key) => right.fields[key]!.type);
  const buckets = new Map<string, Row[]>();
  for (const rows of inPieces(yield* gather(run.pieces(right)))) {
    for (const row of rows) {
      const key = keyOf(row, rightKeys, types);
      if (key === null || (time !== null && row[time.right] === null)) continue;
      const bucket = buckets.get(key);
      if (bucket === undefined) buckets.set(key, [row]);
      else bucket.push(row);
    }
    yield BREATH;
  }
  if (time === null) return buckets;
  const { type } = right.fields[time.right]!;
  const order = time.direction === 'before' ? -1 : 1;
  const compare = (one: Row, other: Row): number => order * compareDatums(type, one[time.right]!, other[time.right]!);
  for (const [key, bucket] of buckets) {
    const items = (yield* sortInSteps(bucket, compare)).map((row) => ({ row }));
    yield* orderTies(items, (one, other) => compare(one.row, other.row) === 0, right.fields);
    buckets.set(
      key,
      items.map(({ row }) => row),
    );
  }
  return buckets;
}

function keyOf(row: Row, keys: readonly number[], types: Parameters<typeof rowKey>[0]): string | null {
  const values = keys.map((key) => row[key] ?? null);
  return values.includes(null) ? null : rowKey(types, values);
}

function matchesOf({ left, time }: AsOfJoinPlan, row: Row, bucket: readonly Row[]): readonly Row[] {
  if (time === null) return bucket;
  const at = row[time.left] ?? null;
  if (at === null) return [];
  const { type } = left.fields[time.left]!;
  const order = time.direction === 'before' ? 1 : -1;
  const meets = (other: Datum): boolean => {
    const compared = order * compareDatums(type, other, at);
    return time.strict ? compared < 0 : compared <= 0;
  };
  let low = 0;
  let high = bucket.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (meets(bucket[middle]![time.right]!)) high = middle;
    else low = middle + 1;
  }
  return bucket.slice(low, low + 1);
}
