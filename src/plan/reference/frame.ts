import { SqlError, SqlState } from '../../base/index.ts';
import { compareDatums, type Datum, MICROS_PER_DAY_BIGINT, timestampType } from '../../types/index.ts';
import type { FrameBound, OverCall } from '../logical/index.ts';
import type { PartitionRow } from './evaluate-over.ts';
import type { ReferenceRun } from './reference-run.ts';

interface FrameContext {
  readonly partition: readonly PartitionRow[];
  readonly run: ReferenceRun;
}

/** Rows of the frame of `entry`, EXCLUDE applied, in the partition's order. */
export function frameRows(call: OverCall, entry: PartitionRow, context: FrameContext): PartitionRow[] {
  const { index } = entry;
  const start = frameEdge(call, call.frame.start, { ...context, entry, index, side: 'start' });
  const end = frameEdge(call, call.frame.end, { ...context, entry, index, side: 'end' });
  const rows = context.partition.slice(Math.max(start, 0), Math.max(end, 0));
  switch (call.frame.exclude) {
    case 'no-others':
      return rows;
    case 'current-row':
      return rows.filter((row) => row !== entry);
    case 'group':
      return rows.filter((row) => row.peerGroup !== entry.peerGroup);
    case 'ties':
      return rows.filter((row) => row === entry || row.peerGroup !== entry.peerGroup);
  }
}

interface EdgeContext extends FrameContext {
  readonly entry: PartitionRow;
  readonly index: number;
  readonly side: 'start' | 'end';
}

/** Inclusive start or exclusive end as a position in the partition. */
function frameEdge(call: OverCall, bound: FrameBound, context: EdgeContext): number {
  const { partition, entry, index, side } = context;
  if (bound.kind === 'unbounded-preceding') return 0;
  if (bound.kind === 'unbounded-following') return partition.length;
  if (bound.kind === 'current-row') {
    if (call.frame.unit === 'rows') return side === 'start' ? index : index + 1;
    return side === 'start' ? entry.peerStart : entry.peerEnd;
  }
  const offset = offsetOf(bound, context);
  const forward = bound.kind === 'following';
  if (call.frame.unit === 'rows') {
    const at = index + (forward ? Number(offset) : -Number(offset));
    return Math.min(side === 'start' ? at : at + 1, partition.length);
  }
  if (call.frame.unit === 'groups') {
    const group = entry.peerGroup + (forward ? Number(offset) : -Number(offset));
    const inside = side === 'start' ? partition.findIndex((row) => row.peerGroup >= group) : partition.findIndex((row) => row.peerGroup > group);
    return inside < 0 ? partition.length : inside;
  }
  return rangeEdge(call, bound, { ...context, offset });
}

function offsetOf(bound: FrameBound, { run }: EdgeContext): Datum {
  const value = run.value(bound.offset!, []);
  if (value === null) throw new SqlError({ code: SqlState.nullValueNotAllowed, message: 'frame offset must not be null' });
  return value;
}

/** RANGE with an offset: rows whose one sort value lies within the distance; NULLs are only with NULLs. */
function rangeEdge(call: OverCall, bound: FrameBound, context: EdgeContext & { readonly offset: Datum }): number {
  const { partition, entry, side, run, offset } = context;
  const key = call.orderBy[0]!;
  const value = entry.order[0] ?? null;
  if (value === null) return side === 'start' ? entry.peerStart : entry.peerEnd;
  const forward = (bound.kind === 'following') !== key.descending;
  const type = key.expression.type.kind;
  // A date moved by an interval is a timestamp; the other dates are compared as their midnights.
  const limit = shift(value, offset, { type, offsetType: bound.offset!.type.kind, forward, run });
  const before = (row: PartitionRow): boolean => {
    const other = row.order[0] ?? null;
    if (other === null) return key.nullsFirst;
    const comparable = type === 'date' && typeof limit === 'bigint' ? BigInt(other as number) * MICROS_PER_DAY_BIGINT : other;
    const compared =
      compareDatums(typeof limit === 'bigint' && type === 'date' ? timestampType : key.expression.type, comparable, limit) *
      (key.descending ? -1 : 1);
    return side === 'start' ? compared < 0 : compared <= 0;
  };
  return partition.filter(before).length;
}

function shift(
  value: Datum,
  offset: Datum,
  how: { readonly type: string; readonly offsetType: string; readonly forward: boolean; readonly run: ReferenceRun },
): Datum {
  const { type, offsetType, forward, run } = how;
  const symbol = forward ? '+' : '-';
  const result = type === 'date' && offsetType === 'interval' ? 'timestamp' : type;
  const definition = run.environment.functions.function(`${type} ${symbol} ${offsetType} -> ${result}`);
  return definition.evaluate([value, offset], run.environment.evaluation, definition.argumentTypes)!;
}
