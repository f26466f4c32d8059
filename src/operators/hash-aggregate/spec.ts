import {
  type AggregateCallSpec,
  aggregateCallFromJson,
  aggregateCallJson,
  type SpecCodec,
  SpecReader,
  stateTtlFromJson,
  stateTtlJson,
} from '../spec/index.ts';

/** Output: the key columns in order, then one column a call. No keys: exactly one row, even over no input. */
export interface HashAggregateSpec {
  readonly keys: readonly number[];
  /** How many leading keys decide the key group (0 without keys). */
  readonly partitionKeyCount: number;
  readonly calls: readonly AggregateCallSpec[];
  /** A group that is not touched for so long goes as if all its rows had; null or absent: it stays. */
  readonly stateTtlMs?: number | null;
}

export const hashAggregateSpecCodec: SpecCodec<HashAggregateSpec> = {
  kind: 'hash-aggregate',
  version: 1,
  encode: (spec) => ({
    keys: spec.keys,
    partitionKeyCount: spec.partitionKeyCount,
    calls: spec.calls.map(aggregateCallJson),
    ...stateTtlJson(spec.stateTtlMs),
  }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return {
      keys: reader.integers('keys'),
      partitionKeyCount: reader.integer('partitionKeyCount'),
      calls: reader.objects('calls').map(aggregateCallFromJson),
      stateTtlMs: stateTtlFromJson(reader),
    };
  },
};
