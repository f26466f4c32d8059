import type { Expression } from '../../expr/index.ts';
import type { Json } from '../../jobgraph/index.ts';
import { expressionJson, type SpecCodec, SpecReader } from '../spec/index.ts';
import type { Expiry } from './expiry.ts';

const joinTypes = ['inner', 'left', 'right', 'full', 'semi', 'anti', 'single'] as const;

/**
 * Join by equality of `leftKeys[i]` and `rightKeys[i]` (of equal types; both inputs are hashed by all of them) and `residual`, a condition over the
 * joined row: left columns, then right columns, which is the output, except of semi and anti joins, which give the left row. No keys: every pair is
 * tested, on one subtask unless one input is broadcast.
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
  /** Null: both inputs are hashed by the keys. */
  readonly broadcast: BroadcastJoin | null;
}

/** One input has all of its rows at each subtask, the other one's are where they come to; what shows rows of an input by themselves shows the other one's only. */
export interface BroadcastJoin {
  readonly input: 0 | 1;
  /** Columns of the other input that place its rows in the state: those it is hashed by, or all. */
  readonly local: readonly number[];
  /** The other input is hashed by nothing: its rows, which are only added, come to any subtask. */
  readonly loose: boolean;
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

function broadcastFromJson(reader: SpecReader): BroadcastJoin {
  return { input: reader.integer('input') === 0 ? 0 : 1, local: reader.integers('local'), loose: reader.boolean('loose') };
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
    ...(spec.broadcast !== null && { broadcast: { ...spec.broadcast } }),
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
      broadcast: reader.has('broadcast') ? broadcastFromJson(reader.object('broadcast')) : null,
    };
  },
};
