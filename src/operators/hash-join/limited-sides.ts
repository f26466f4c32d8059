import type { Expression, FunctionLookup } from '../../expr/index.ts';
import { type PhysicalPlan, ttlTraits } from '../../plan/physical/index.ts';
import { timestamptzType } from '../../types/index.ts';
import { type CalcColumn, calcNode, passThrough } from '../calc/lower.ts';
import { withRowTtl } from '../row-ttl/lower.ts';
import type { Expiry } from './expiry.ts';
import { joinExpiry } from './join-expiry.ts';
import type { HashJoinSpec } from './spec.ts';

/** For how long a side keeps a row that is not touched; null: for ever. */
export type Ttls = readonly [left: number | null, right: number | null];

export interface KeyedSide {
  readonly plan: PhysicalPlan;
  readonly keys: readonly number[];
}

export interface JoinedSides {
  readonly joinType: HashJoinSpec['joinType'];
  readonly left: KeyedSide;
  readonly right: KeyedSide;
  readonly residual: Expression | null;
}

/** How rows expire by event time. A single join looks up what it has matched again when it stops to fail, however old that is. */
export function timeExpiry(sides: JoinedSides, functions: FunctionLookup): readonly [left: Expiry | null, right: Expiry | null] {
  return sides.joinType === 'single' ? [null, null] : joinExpiry(sides, functions);
}

/**
 * The sides under their ttls. An inner join of inputs that only grow gets rows with the time of the epoch they came in, by which it forgets them, and what it
 * has joined stays. For any other join a row whose ttl has passed is as if deleted; where a side goes by event time the join is left as it is, since what is
 * forgotten there cannot be taken back.
 */
export function limitedSides(
  sides: JoinedSides,
  ttls: Ttls,
  functions: FunctionLookup,
): { readonly left: KeyedSide; readonly right: KeyedSide; readonly stamps: readonly [Expiry | null, Expiry | null] } {
  const { joinType, left, right } = sides;
  const timed = timeExpiry(sides, functions);
  if (joinType === 'inner' && left.plan.appendOnly && right.plan.appendOnly) {
    const [one, other] = [stamped(left, timed[0] === null ? ttls[0] : null), stamped(right, timed[1] === null ? ttls[1] : null)];
    return { left: one.side, right: other.side, stamps: [one.expiry, other.expiry] };
  }
  if (timed.some((expiry) => expiry !== null)) return { left, right, stamps: [null, null] };
  const guarded = ({ plan, keys }: KeyedSide, ttlMs: number | null): KeyedSide => ({ plan: withRowTtl(plan, keys, ttlMs), keys });
  return { left: guarded(left, ttls[0]), right: guarded(right, ttls[1]), stamps: [null, null] };
}

function stamped(side: KeyedSide, ttlMs: number | null): { readonly side: KeyedSide; readonly expiry: Expiry | null } {
  if (ttlMs === null) return { side, expiry: null };
  const { plan, keys } = side;
  const stamp: CalcColumn = {
    name: 'epoch_time',
    expression: { kind: 'call', signature: 'proctime() -> timestamptz', args: [], type: timestamptzType },
  };
  const { warning } = ttlTraits(ttlMs);
  const calc = calcNode(plan, null, [...passThrough(plan), stamp]);
  const marked = calc.kind === 'operator' && warning !== undefined ? { ...calc, warning } : calc;
  return { side: { plan: marked, keys }, expiry: { column: plan.columns.length, slackMicros: ttlMs * 1000, clock: 'epoch' } };
}
