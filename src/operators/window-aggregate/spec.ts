import { type AggregateCallSpec, aggregateCallFromJson, aggregateCallJson, type SpecCodec, SpecReader } from '../spec/index.ts';
import { type WindowSpec, windowFromJson, windowJson } from '../window-assign/spec.ts';

/**
 * Aggregation by keys of which one is the end of a window. Output as hash-aggregate's. `on-update`: every touched group at
 * each barrier; `on-window-close`: each group once, when the clock has passed its window, append-only.
 */
export interface WindowAggregateSpec {
  readonly keys: readonly number[];
  /** Position within `keys` of the window_end column. */
  readonly windowEndKey: number;
  readonly partitionKeyCount: number;
  readonly calls: readonly AggregateCallSpec[];
  readonly mode: 'on-update' | 'on-window-close';
  /** What windows are closed by; `epoch` is the time of the epoch, for processing time. */
  readonly clock: 'watermark' | 'epoch';
  /** A window closes when end <= clock - lateness. */
  readonly latenessMicros: bigint;
  /** The input's windows are slices (keys are its leading columns then), of which the windows to aggregate by are made; null: they are the windows themselves. */
  readonly slices: WindowSlices | null;
}

/** Windows made of slices; positions within `keys` of the columns that hold their bounds, null where they are no key. */
export interface WindowSlices {
  readonly window: WindowSpec;
  readonly startKey: number | null;
  readonly timeKey: number | null;
}

export const windowAggregateSpecCodec: SpecCodec<WindowAggregateSpec> = {
  kind: 'window-aggregate',
  version: 2,
  encode: (spec) => ({
    keys: spec.keys,
    windowEndKey: spec.windowEndKey,
    partitionKeyCount: spec.partitionKeyCount,
    calls: spec.calls.map(aggregateCallJson),
    mode: spec.mode,
    clock: spec.clock,
    lateness: String(spec.latenessMicros),
    slices: spec.slices === null ? null : { window: windowJson(spec.slices.window), start: spec.slices.startKey, time: spec.slices.timeKey },
  }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return {
      keys: reader.integers('keys'),
      windowEndKey: reader.integer('windowEndKey'),
      partitionKeyCount: reader.integer('partitionKeyCount'),
      calls: reader.objects('calls').map(aggregateCallFromJson),
      mode: reader.choice('mode', ['on-update', 'on-window-close']),
      clock: reader.choice('clock', ['watermark', 'epoch']),
      latenessMicros: reader.bigint('lateness'),
      slices: reader.has('slices') ? slicesFromJson(reader.object('slices')) : null,
    };
  },
};

function slicesFromJson(reader: SpecReader): WindowSlices {
  return {
    window: windowFromJson(reader.object('window')),
    startKey: reader.nullable('start', reader.integer),
    timeKey: reader.nullable('time', reader.integer),
  };
}
