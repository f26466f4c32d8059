import { type SpecCodec, SpecReader } from '../spec/index.ts';

/**
 * Appends window_start (the session's first time), window_end (its last time plus the gap) and window_time (window_end minus 1 ms) to each row. A row
 * whose time is NULL or infinite lies in no session. `on-update`: rows change with their sessions; `on-window-close`: each row once, when its
 * session is closed.
 */
export interface SessionAssignSpec {
  readonly timeColumn: number;
  readonly gapMicros: bigint;
  /** Columns whose values have sessions of their own. */
  readonly partitionBy: readonly number[];
  /** How many leading columns of partitionBy decide the key group. */
  readonly partitionKeyCount: number;
  readonly mode: 'on-update' | 'on-window-close';
  /** What sessions are closed by: when end < clock - lateness, since a row at the end would still join. Null: never. */
  readonly closedBy: { readonly clock: 'watermark' | 'epoch'; readonly latenessMicros: bigint } | null;
}

export const sessionAssignSpecCodec: SpecCodec<SessionAssignSpec> = {
  kind: 'session-assign',
  version: 1,
  encode: (spec) => ({
    timeColumn: spec.timeColumn,
    gap: String(spec.gapMicros),
    partitionBy: spec.partitionBy,
    partitionKeyCount: spec.partitionKeyCount,
    mode: spec.mode,
    closedBy: spec.closedBy === null ? null : { clock: spec.closedBy.clock, lateness: String(spec.closedBy.latenessMicros) },
  }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return {
      timeColumn: reader.integer('timeColumn'),
      gapMicros: reader.bigint('gap'),
      partitionBy: reader.integers('partitionBy'),
      partitionKeyCount: reader.integer('partitionKeyCount'),
      mode: reader.choice('mode', ['on-update', 'on-window-close']),
      closedBy: reader.has('closedBy') ? closedBy(reader.object('closedBy')) : null,
    };
  },
};

function closedBy(reader: SpecReader): NonNullable<SessionAssignSpec['closedBy']> {
  return { clock: reader.choice('clock', ['watermark', 'epoch']), latenessMicros: reader.bigint('lateness') };
}
