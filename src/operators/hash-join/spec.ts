import type { Expression } from '../../expr/index.ts';
import type { Json } from '../../jobgraph/index.ts';
import { expressionJson, type SpecCodec, SpecReader } from '../spec/index.ts';
import type { Expiry } from './expiry.ts';

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
  /** How rows expire, by input; null: the side is kept. */
  readonly expiry: readonly [left: Expiry | null, right: Expiry | null];
  /** Of the rows that expire: the largest declared lateness. */
  readonly latenessMicros: bigint;
}

function expiryJson(expiry: Expiry | null): Json {
  return expiry === null ? null : { ...expiry };
}

function expiryFromJson(spec: SpecReader, name: string): Expiry | null {
  const reader = spec.nullable(name, spec.object);
  if (reader === null) return null;
  const expiry = { column: reader.integer('column'), slackMicros: reader.integer('slackMicros') };
  return reader.has('clock') ? { ...expiry, clock: reader.choice('clock', ['epoch']) } : expiry;
}

export const hashJoinSpecCodec: SpecCodec<HashJoinSpec> = {
  kind: 'hash-join',
  version: 2,
  encode: (spec) => ({
    joinType: spec.joinType,
    leftKeys: spec.leftKeys,
    rightKeys: spec.rightKeys,
    residual: spec.residual === null ? null : expressionJson(spec.residual),
    leftExpiry: expiryJson(spec.expiry[0]),
    rightExpiry: expiryJson(spec.expiry[1]),
    lateness: String(spec.latenessMicros),
  }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return {
      joinType: reader.choice('joinType', joinTypes),
      leftKeys: reader.integers('leftKeys'),
      rightKeys: reader.integers('rightKeys'),
      residual: reader.nullable('residual', reader.expression),
      expiry: [expiryFromJson(reader, 'leftExpiry'), expiryFromJson(reader, 'rightExpiry')],
      latenessMicros: reader.bigint('lateness'),
    };
  },
};
