import type { Json } from '../../jobgraph/index.ts';
import type { SqlType } from '../../types/index.ts';
import { type SortKeySpec, sortKeyFromJson, sortKeyJson } from './sort-key-spec.ts';
import { type SpecReader, typeJson } from './spec-reader.ts';

/** One aggregate call over columns of the input; expressions in it have become columns of a calc below. */
export interface AggregateCallSpec {
  /** AggregateDefinition signature. */
  readonly signature: string;
  readonly args: readonly number[];
  readonly distinct: boolean;
  /** A boolean column: rows for which it is not true do not count. */
  readonly filter: number | null;
  /** ORDER BY inside the call, columns of the input. */
  readonly orderBy: readonly SortKeySpec[];
  readonly type: SqlType;
}

export function aggregateCallJson(call: AggregateCallSpec): Json {
  return {
    signature: call.signature,
    args: call.args,
    distinct: call.distinct,
    filter: call.filter,
    orderBy: call.orderBy.map(sortKeyJson),
    type: typeJson(call.type),
  };
}

export function aggregateCallFromJson(reader: SpecReader): AggregateCallSpec {
  return {
    signature: reader.text('signature'),
    args: reader.integers('args'),
    distinct: reader.boolean('distinct'),
    filter: reader.nullable('filter', reader.integer),
    orderBy: reader.objects('orderBy').map(sortKeyFromJson),
    type: reader.type('type'),
  };
}
