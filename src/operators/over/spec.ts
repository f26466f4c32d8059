import type { LiteralExpression } from '../../expr/index.ts';
import type { Json } from '../../jobgraph/index.ts';
import type { WindowCall } from '../../over/index.ts';
import type { SqlType } from '../../types/index.ts';
import {
  expressionJson,
  type KeyExpiry,
  keyExpiryFromJson,
  keyExpiryJson,
  type SortKeySpec,
  type SpecCodec,
  SpecReader,
  sortKeyFromJson,
  sortKeyJson,
  stateTtlFromJson,
  stateTtlJson,
  typeJson,
} from '../spec/index.ts';

interface OverBoundSpec {
  readonly kind: WindowCall['frame']['start']['kind'];
  readonly offset: LiteralExpression | null;
}

/** One call over columns of the input; expressions in it have become columns of a calc below. */
export interface OverCallSpec {
  readonly function: WindowCall['function'];
  readonly args: readonly number[];
  /** A boolean column: rows for which it is not true do not count. */
  readonly filter: number | null;
  readonly frame: {
    readonly unit: WindowCall['frame']['unit'];
    readonly start: OverBoundSpec;
    readonly end: OverBoundSpec;
    readonly exclude: WindowCall['frame']['exclude'];
  };
  readonly type: SqlType;
}

/** Output: the input columns, one column a call, and with `numberCopies` the number of a row among equal ones (int8, from 0). */
export interface OverSpec {
  /** How many leading columns make the partition; 0: all rows are one (one subtask). */
  readonly partitionCount: number;
  /** How many of them decide the key group. */
  readonly partitionKeyCount: number;
  readonly orderBy: readonly SortKeySpec[];
  /** Columns that decide between rows equal in the order, each by its stored form. */
  readonly tieBy: readonly number[];
  readonly calls: readonly OverCallSpec[];
  /** For a further window above, which has to give equal rows the same places. */
  readonly numberCopies: boolean;
  /** Partitions are forgotten by this column of theirs; null: as long as they have rows they are kept. */
  readonly expiry: KeyExpiry | null;
  /** A partition that is not touched for so long goes as if all its rows had; null or absent: it stays. */
  readonly stateTtlMs?: number | null;
}

export const overSpecCodec: SpecCodec<OverSpec> = {
  kind: 'over',
  version: 2,
  encode: (spec) => ({
    partitionCount: spec.partitionCount,
    partitionKeyCount: spec.partitionKeyCount,
    orderBy: spec.orderBy.map(sortKeyJson),
    tieBy: spec.tieBy,
    calls: spec.calls.map(callJson),
    numberCopies: spec.numberCopies,
    expiry: keyExpiryJson(spec.expiry),
    ...stateTtlJson(spec.stateTtlMs),
  }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return {
      partitionCount: reader.integer('partitionCount'),
      partitionKeyCount: reader.integer('partitionKeyCount'),
      orderBy: reader.objects('orderBy').map(sortKeyFromJson),
      tieBy: reader.integers('tieBy'),
      calls: reader.objects('calls').map(callFromJson),
      numberCopies: reader.boolean('numberCopies'),
      expiry: keyExpiryFromJson(reader, 'expiry'),
      stateTtlMs: stateTtlFromJson(reader),
    };
  },
};

function callJson(call: OverCallSpec): Json {
  const { frame } = call;
  return {
    function: call.function.kind,
    name: call.function.kind === 'window' ? call.function.name : call.function.signature,
    args: call.args,
    filter: call.filter,
    frame: { unit: frame.unit, start: boundJson(frame.start), end: boundJson(frame.end), exclude: frame.exclude },
    type: typeJson(call.type),
  };
}

function callFromJson(reader: SpecReader): OverCallSpec {
  const name = reader.text('name');
  const frame = reader.object('frame');
  return {
    function: reader.choice('function', ['window', 'aggregate']) === 'window' ? { kind: 'window', name } : { kind: 'aggregate', signature: name },
    args: reader.integers('args'),
    filter: reader.nullable('filter', reader.integer),
    frame: {
      unit: frame.choice('unit', ['rows', 'range', 'groups', 'session']),
      start: boundFromJson(frame.object('start')),
      end: boundFromJson(frame.object('end')),
      exclude: frame.choice('exclude', ['no-others', 'current-row', 'group', 'ties']),
    },
    type: reader.type('type'),
  };
}

function boundJson({ kind, offset }: OverBoundSpec): Json {
  return { kind, offset: offset === null ? null : expressionJson(offset) };
}

function boundFromJson(reader: SpecReader): OverBoundSpec {
  const kind = reader.choice('kind', ['unbounded-preceding', 'preceding', 'current-row', 'following', 'unbounded-following']);
  const offset = reader.nullable('offset', reader.expression);
  return { kind, offset: offset?.kind === 'literal' ? offset : null };
}
