import { SqlError, SqlState } from '../../base/index.ts';
import type { Datum } from '../../types/index.ts';
import type { OverCall } from '../logical/index.ts';
import type { PartitionRow } from './evaluate-over.ts';
import { frameRows } from './frame.ts';
import type { ReferenceRun } from './reference-run.ts';

interface CallContext {
  readonly entry: PartitionRow;
  readonly partition: readonly PartitionRow[];
  readonly run: ReferenceRun;
}

/** The functions that only exist with OVER (PostgreSQL, "Window Functions"). */
export function windowValue(call: OverCall, name: string, context: CallContext): Datum | null {
  const { entry, partition } = context;
  const { index } = entry;
  const size = partition.length;
  switch (name) {
    case 'row_number':
      return BigInt(index + 1);
    case 'rank':
      return BigInt(entry.peerStart + 1);
    case 'dense_rank':
      return BigInt(entry.peerGroup + 1);
    case 'percent_rank':
      return size <= 1 ? 0 : entry.peerStart / (size - 1);
    case 'cume_dist':
      return entry.peerEnd / size;
    case 'ntile':
      return ntile(call, context, index);
    case 'lag':
    case 'lead':
      return neighbour(call, context, index + (name === 'lead' ? 1 : -1) * offsetOf(call, context));
    case 'first_value':
      return argumentValue(call, frameRows(call, entry, context)[0], context);
    case 'last_value':
      return argumentValue(call, frameRows(call, entry, context).at(-1), context);
    case 'nth_value':
      return nth(call, context);
    default:
      throw new SqlError({ code: SqlState.undefinedFunction, message: `window function ${name} does not exist` });
  }
}

function argumentValue(call: OverCall, row: PartitionRow | undefined, { run }: CallContext): Datum | null {
  return row === undefined ? null : run.value(call.args[0]!, row.row);
}

function ntile(call: OverCall, { entry, partition, run }: CallContext, index: number): number | null {
  const value = run.value(call.args[0]!, entry.row);
  if (value === null) return null;
  const buckets = Number(value);
  if (buckets <= 0) throw new SqlError({ code: SqlState.invalidArgumentForNtileFunction, message: 'argument of ntile must be greater than zero' });
  const small = Math.floor(partition.length / buckets);
  const larger = partition.length % buckets;
  const inLarger = larger * (small + 1);
  return index < inLarger ? Math.floor(index / (small + 1)) + 1 : larger + Math.floor((index - inLarger) / Math.max(small, 1)) + 1;
}

function offsetOf(call: OverCall, { entry, run }: CallContext): number {
  if (call.args.length < 2) return 1;
  const value = run.value(call.args[1]!, entry.row);
  return value === null ? Number.NaN : Number(value);
}

function neighbour(call: OverCall, context: CallContext, at: number): Datum | null {
  if (Number.isNaN(at)) return null;
  const row = context.partition[at];
  if (row !== undefined) return argumentValue(call, row, context);
  return call.args.length > 2 ? context.run.value(call.args[2]!, context.entry.row) : null;
}

function nth(call: OverCall, context: CallContext): Datum | null {
  const value = context.run.value(call.args[1]!, context.entry.row);
  if (value === null) return null;
  const position = Number(value);
  if (position <= 0)
    throw new SqlError({ code: SqlState.invalidArgumentForNthValueFunction, message: 'argument of nth_value must be greater than zero' });
  return argumentValue(call, frameRows(call, context.entry, context)[position - 1], context);
}
