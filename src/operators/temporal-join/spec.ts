import type { Json } from '../../jobgraph/index.ts';
import { type SpecCodec, SpecReader } from '../spec/index.ts';

export interface VersionTimes {
  readonly left: number;
  readonly right: number;
  /** Right columns that decide between versions of the same time, in this order. */
  readonly tieBy: readonly number[];
  /** Rows with a time below watermark - lateness are there for good. */
  readonly latenessMicros: bigint;
}

/**
 * The first `keyCount` columns of both inputs are the keys, of equal types; both are hashed by all of them. Right rows have no NULL in key and time.
 * Output: left columns, then right columns.
 */
export interface TemporalJoinSpec {
  readonly joinType: 'inner' | 'left';
  readonly keyCount: number;
  /** Null: by processing time. */
  readonly versions: VersionTimes | null;
}

export const temporalJoinSpecCodec: SpecCodec<TemporalJoinSpec> = {
  kind: 'temporal-join',
  version: 1,
  encode: ({ joinType, keyCount, versions }) => ({ joinType, keyCount, versions: versions && versionsJson(versions) }),
  decode: (json) => {
    const reader = new SpecReader(json);
    const versions = reader.nullable('versions', reader.object);
    return {
      joinType: reader.choice('joinType', ['inner', 'left']),
      keyCount: reader.integer('keyCount'),
      versions: versions && versionsFromJson(versions),
    };
  },
};

function versionsJson({ left, right, tieBy, latenessMicros }: VersionTimes): Json {
  return { left, right, tieBy, lateness: String(latenessMicros) };
}

function versionsFromJson(reader: SpecReader): VersionTimes {
  return {
    left: reader.integer('left'),
    right: reader.integer('right'),
    tieBy: reader.integers('tieBy'),
    latenessMicros: reader.bigint('lateness'),
  };
}
