import { type AggregateCallSpec, aggregateCallFromJson, aggregateCallJson, type SpecCodec, SpecReader } from '../spec/index.ts';

/**
 * Aggregation by keys of which one is the end of an event-time window. Output as hash-aggregate's. `on-update`: every touched group at
 * each barrier; `on-window-close`: each group once, when the watermark has passed its window, append-only.
 */
export interface WindowAggregateSpec {
  readonly keys: readonly number[];
  /** Position within `keys` of the window_end column. */
  readonly windowEndKey: number;
  readonly partitionKeyCount: number;
  readonly calls: readonly AggregateCallSpec[];
  readonly mode: 'on-update' | 'on-window-close';
  /** A window closes when end <= watermark - lateness. */
  readonly latenessMicros: bigint;
}

export const windowAggregateSpecCodec: SpecCodec<WindowAggregateSpec> = {
  kind: 'window-aggregate',
  version: 1,
  encode: (spec) => ({
    keys: spec.keys,
    windowEndKey: spec.windowEndKey,
    partitionKeyCount: spec.partitionKeyCount,
    calls: spec.calls.map(aggregateCallJson),
    mode: spec.mode,
    lateness: String(spec.latenessMicros),
  }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return {
      keys: reader.integers('keys'),
      windowEndKey: reader.integer('windowEndKey'),
      partitionKeyCount: reader.integer('partitionKeyCount'),
      calls: reader.objects('calls').map(aggregateCallFromJson),
      mode: reader.choice('mode', ['on-update', 'on-window-close']),
      latenessMicros: reader.bigint('lateness'),
    };
  },
};
