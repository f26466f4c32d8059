import type { WindowAssignPlan, WindowShape } from '../logical/index.ts';
import { gather, inPieces, type Pieces } from './pieces.ts';
import { type Row, rowKey } from './row.ts';

interface Bounds {
  readonly start: bigint;
  readonly end: bigint;
}

/** Each row once for every window it lies in, with window_start, window_end and window_time. A row without a finite time lies in none. */
export function* evaluateWindowAssign(plan: WindowAssignPlan, pieces: Pieces): Pieces {
  const { window } = plan;
  if (window.kind === 'session') {
    yield* inPieces(sessions(plan, window, yield* gather(pieces)));
    return;
  }
  for (const rows of pieces) {
    yield rows.flatMap((row) => {
      const time = timeOf(plan, row);
      return time === null ? [] : windowsOf(window, time).map((bounds) => withBounds(row, bounds));
    });
  }
}

/** Times beyond this are infinities. */
const TIME_MAX = 2n ** 53n;

/** Null where the row lies in no window. */
function timeOf(plan: WindowAssignPlan, row: Row): bigint | null {
  const time = row[plan.timeColumn] as bigint | null;
  return time === null || time >= TIME_MAX || time <= -TIME_MAX ? null : time;
}

/** The last instant inside a window, a millisecond before its end, as Flink has it. */
function withBounds(row: Row, { start, end }: Bounds): Row {
  return [...row, start, end, end - 1000n];
}

function windowsOf(window: Exclude<WindowShape, { readonly kind: 'session' }>, time: bigint): Bounds[] {
  const offset = window.offsetMicros;
  if (window.kind === 'tumble') {
    const start = floorTo(time, window.sizeMicros, offset);
    return [{ start, end: start + window.sizeMicros }];
  }
  const found: Bounds[] = [];
  if (window.kind === 'hop') {
    for (let start = floorTo(time, window.slideMicros, offset); start > time - window.sizeMicros; start -= window.slideMicros) {
      found.push({ start, end: start + window.sizeMicros });
    }
    return found.reverse();
  }
  const start = floorTo(time, window.sizeMicros, offset);
  for (let end = start + window.stepMicros; end <= start + window.sizeMicros; end += window.stepMicros) if (time < end) found.push({ start, end });
  return found;
}

function floorTo(time: bigint, size: bigint, offset: bigint): bigint {
  const rest = (time - offset) % size;
  return time - (rest < 0n ? rest + size : rest);
}

/** Rows of a key whose times follow each other within the gap share a window. */
function sessions(plan: WindowAssignPlan, window: Extract<WindowShape, { readonly kind: 'session' }>, rows: readonly Row[]): Row[] {
  const types = window.partitionBy.map((column) => plan.fields[column]!.type);
  const byKey = new Map<string, Row[]>();
  for (const row of rows) {
    if (timeOf(plan, row) === null) continue;
    const key = rowKey(
      types,
      window.partitionBy.map((column) => row[column] ?? null),
    );
    const group = byKey.get(key);
    if (group === undefined) byKey.set(key, [row]);
    else group.push(row);
  }
  const at = (row: Row): bigint => row[plan.timeColumn] as bigint;
  const result: Row[] = [];
  for (const group of byKey.values()) {
    group.sort((left, right) => (at(left) < at(right) ? -1 : at(left) > at(right) ? 1 : 0));
    let first = 0;
    for (let i = 1; i <= group.length; i++) {
      if (i < group.length && at(group[i]!) - at(group[i - 1]!) <= window.gapMicros) continue;
      const bounds = { start: at(group[first]!), end: at(group[i - 1]!) + window.gapMicros };
      for (const row of group.slice(first, i)) result.push(withBounds(row, bounds));
      first = i;
    }
  }
  return result;
}
