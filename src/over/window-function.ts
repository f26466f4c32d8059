import { SqlError, SqlState } from '../base/index.ts';
import type { Datum } from '../types/index.ts';
import type { CallEvaluator } from './call-evaluator.ts';
import type { Frames, RowRange } from './frame.ts';
import type { PeerGroups } from './peer-groups.ts';
import type { PartitionValues } from './window-call.ts';

interface FunctionContext {
  readonly peers: PeerGroups;
  readonly values: PartitionValues;
  readonly frames: Frames;
  readonly argumentCount: number;
}

type WindowFunction = (row: number, context: FunctionContext) => Datum | null;

/** The functions that only exist with OVER (PostgreSQL, "Window Functions"). */
const functions: Readonly<Record<string, WindowFunction>> = {
  row_number: (row) => BigInt(row + 1),
  rank: (row, { peers }) => BigInt(peers.peerStart(row) + 1),
  dense_rank: (row, { peers }) => BigInt(peers.groupOf(row) + 1),
  percent_rank: (row, { peers }) => (peers.size <= 1 ? 0 : peers.peerStart(row) / (peers.size - 1)),
  cume_dist: (row, { peers }) => peers.peerEnd(row) / peers.size,
  ntile,
  lag: (row, context) => neighbour(row, -1, context),
  lead: (row, context) => neighbour(row, 1, context),
  first_value: (row, context) => argumentAt(context.frames.ranges(row)[0]?.start, context),
  last_value: (row, context) => {
    const last = context.frames.ranges(row).at(-1);
    return argumentAt(last === undefined ? undefined : last.end - 1, context);
  },
  nth_value: nthValue,
};

/** Errors: 42883 for a name that is none of them. */
export function windowFunctionEvaluator(name: string, context: FunctionContext): CallEvaluator {
  const evaluate = functions[name];
  if (evaluate === undefined) throw new SqlError({ code: SqlState.undefinedFunction, message: `window function ${name} does not exist` });
  return { invalidate: () => undefined, value: (row) => evaluate(row, context) };
}

function argumentAt(row: number | undefined, { values }: FunctionContext): Datum | null {
  return row === undefined ? null : values.argument(0, row);
}

function ntile(row: number, { peers, values }: FunctionContext): number | null {
  const value = values.argument(0, row);
  if (value === null) return null;
  const buckets = Number(value);
  if (buckets <= 0) throw new SqlError({ code: SqlState.invalidArgumentForNtileFunction, message: 'argument of ntile must be greater than zero' });
  const small = Math.floor(peers.size / buckets);
  const larger = peers.size % buckets;
  const inLarger = larger * (small + 1);
  return row < inLarger ? Math.floor(row / (small + 1)) + 1 : larger + Math.floor((row - inLarger) / Math.max(small, 1)) + 1;
}

function neighbour(row: number, direction: 1 | -1, context: FunctionContext): Datum | null {
  const { values, argumentCount, peers } = context;
  const offset = argumentCount < 2 ? 1 : values.argument(1, row);
  if (offset === null) return null;
  const at = row + direction * Number(offset);
  if (at >= 0 && at < peers.size) return values.argument(0, at);
  return argumentCount > 2 ? values.argument(2, row) : null;
}

function nthValue(row: number, context: FunctionContext): Datum | null {
  const value = context.values.argument(1, row);
  if (value === null) return null;
  const position = Number(value);
  if (position <= 0)
    throw new SqlError({ code: SqlState.invalidArgumentForNthValueFunction, message: 'argument of nth_value must be greater than zero' });
  return argumentAt(nthRow(context.frames.ranges(row), position), context);
}

function nthRow(ranges: readonly RowRange[], position: number): number | undefined {
  let left = position - 1;
  for (const { start, end } of ranges) {
    if (left < end - start) return start + left;
    left -= end - start;
  }
  return undefined;
}
