import type { Expression } from '../../expr/index.ts';
import { expressionJson, type SpecCodec, SpecReader } from '../spec/index.ts';

const joinTypes = ['inner', 'left', 'right', 'full', 'semi', 'anti', 'single'] as const;

/**
 * Join by equality of `leftKeys[i]` and `rightKeys[i]` (of equal types; both inputs are hashed by all of them) and `residual`, a condition over the
 * joined row: left columns, then right columns, which is the output, except of semi and anti joins, which give the left row. No keys: every pair is
 * tested, on one subtask.
 */
export interface HashJoinSpec {
  readonly joinType: (typeof joinTypes)[number];
  readonly leftKeys: readonly number[];
  readonly rightKeys: readonly number[];
  readonly residual: Expression | null;
}

export const hashJoinSpecCodec: SpecCodec<HashJoinSpec> = {
  kind: 'hash-join',
  version: 2,
  encode: (spec) => ({
    joinType: spec.joinType,
    leftKeys: spec.leftKeys,
    rightKeys: spec.rightKeys,
    residual: spec.residual === null ? null : expressionJson(spec.residual),
  }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return {
      joinType: reader.choice('joinType', joinTypes),
      leftKeys: reader.integers('leftKeys'),
      rightKeys: reader.integers('rightKeys'),
      residual: reader.nullable('residual', reader.expression),
    };
  },
};
