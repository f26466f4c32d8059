import type { Json } from '../../jobgraph/index.ts';
import { type SpecCodec, SpecReader } from '../spec/index.ts';

/** Window sizes in microseconds; `offsetMicros` shifts the grid, whose origin is 1970-01-01 00:00 UTC. */
export type WindowSpec =
  | { readonly kind: 'tumble'; readonly sizeMicros: bigint; readonly offsetMicros: bigint }
  | { readonly kind: 'hop'; readonly slideMicros: bigint; readonly sizeMicros: bigint; readonly offsetMicros: bigint }
  | { readonly kind: 'cumulate'; readonly stepMicros: bigint; readonly sizeMicros: bigint; readonly offsetMicros: bigint };

/**
 * Appends window_start, window_end and window_time (the last instant inside: window_end minus 1 ms, as Flink has it) to each row, once
 * for every window the row lies in. A row whose time is NULL lies in none.
 */
export interface WindowAssignSpec {
  readonly timeColumn: number;
  readonly window: WindowSpec;
  /** Equal rows of a slide may be combined into one with a weight, its time the slide's start; only for hop, and where nobody reads the time. */
  readonly combine: boolean;
}

export const windowAssignSpecCodec: SpecCodec<WindowAssignSpec> = {
  kind: 'window-assign',
  version: 1,
  encode: (spec) => ({ timeColumn: spec.timeColumn, window: windowJson(spec.window), ...(spec.combine ? { combine: true } : {}) }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return {
      timeColumn: reader.integer('timeColumn'),
      window: windowFromJson(reader.object('window')),
      combine: reader.has('combine') && reader.boolean('combine'),
    };
  },
};

export function windowJson(window: WindowSpec): Json {
  const common = { kind: window.kind, size: String(window.sizeMicros), offset: String(window.offsetMicros) };
  if (window.kind === 'hop') return { ...common, slide: String(window.slideMicros) };
  return window.kind === 'cumulate' ? { ...common, step: String(window.stepMicros) } : common;
}

export function windowFromJson(reader: SpecReader): WindowSpec {
  const kind = reader.choice('kind', ['tumble', 'hop', 'cumulate']);
  const common = { sizeMicros: reader.bigint('size'), offsetMicros: reader.bigint('offset') };
  if (kind === 'hop') return { kind, ...common, slideMicros: reader.bigint('slide') };
  return kind === 'cumulate' ? { kind, ...common, stepMicros: reader.bigint('step') } : { kind, ...common };
}
