import { type SpecCodec, SpecReader } from '../spec/index.ts';

/**
 * The first `keyCount` columns of both inputs are the keys, of equal types; both are hashed by all of them. Right rows have no NULL in key and time.
 * Output: left columns, then right columns.
 */
export interface AsOfJoinSpec {
  readonly joinType: 'inner' | 'left';
  readonly keyCount: number;
  readonly leftTime: number;
  readonly rightTime: number;
  /** `before`: the latest right row not after the left one; `after`: the earliest not before it. */
  readonly direction: 'before' | 'after';
  /** An equal time does not match. */
  readonly strict: boolean;
  /** Right columns that decide between rows of the same time, in this order. */
  readonly tieBy: readonly number[];
  /** Both times are event times: no row with one below watermark - lateness comes or goes, so some are forgotten. Null: all rows stay. */
  readonly latenessMicros: bigint | null;
}

export const asOfJoinSpecCodec: SpecCodec<AsOfJoinSpec> = {
  kind: 'as-of-join',
  version: 1,
  encode: ({ latenessMicros, ...spec }) => ({ ...spec, lateness: latenessMicros === null ? null : String(latenessMicros) }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return {
      joinType: reader.choice('joinType', ['inner', 'left']),
      keyCount: reader.integer('keyCount'),
      leftTime: reader.integer('leftTime'),
      rightTime: reader.integer('rightTime'),
      direction: reader.choice('direction', ['before', 'after']),
      strict: reader.boolean('strict'),
      tieBy: reader.integers('tieBy'),
      latenessMicros: reader.nullable('lateness', reader.bigint),
    };
  },
};
