import type { Expression } from '../../expr/index.ts';
import { expressionJson, type SpecCodec, SpecReader } from '../spec/index.ts';

/**
 * Inner join by equality of `leftKeys[i]` and `rightKeys[i]` (of equal types; both inputs are hashed by all of them), then `residual` over the
 * joined row: left columns, then right columns, which is the output. No keys: every pair, on one subtask.
 */
export interface HashJoinSpec {
  readonly leftKeys: readonly number[];
  readonly rightKeys: readonly number[];
  readonly residual: Expression | null;
}

export const hashJoinSpecCodec: SpecCodec<HashJoinSpec> = {
  kind: 'hash-join',
  version: 1,
  encode: (spec) => ({
    leftKeys: spec.leftKeys,
    rightKeys: spec.rightKeys,
    residual: spec.residual === null ? null : expressionJson(spec.residual),
  }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return {
      leftKeys: reader.integers('leftKeys'),
      rightKeys: reader.integers('rightKeys'),
      residual: reader.nullable('residual', reader.expression),
    };
  },
};
