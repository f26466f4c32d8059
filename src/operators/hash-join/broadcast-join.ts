import { isBroadcast, type JoinPlan } from '../../plan/logical/index.ts';
import { type Distribution, exactlyKeyedInput, type PhysicalInput } from '../../plan/physical/index.ts';
import type { JoinedSides, KeyedSide } from './limited-sides.ts';
import type { BroadcastJoin, HashJoinSpec } from './spec.ts';

/** Join types that show no rows of an input by themselves: those of which each subtask may have all. */
const broadcastable: Readonly<Record<0 | 1, readonly HashJoinSpec['joinType'][]>> = { 0: ['inner', 'right'], 1: ['inner', 'left', 'semi', 'anti'] };

/** The side whose rows a hint sends to each subtask of the join, the right one where it names both; null: neither, or it cannot be. */
export function broadcastInput({ joinType, left, right }: JoinPlan): 0 | 1 | null {
  const type = joinType === 'cross' ? 'inner' : joinType;
  if (broadcastable[1].includes(type) && isBroadcast(right)) return 1;
  return broadcastable[0].includes(type) && isBroadcast(left) ? 0 : null;
}

interface RoutedJoin extends JoinedSides {
  readonly broadcast: 0 | 1 | null;
}

/**
 * How the sides come to the subtasks of their join. Both hashed by its keys, or all to one subtask without any. With a broadcast side the other one stays where it is if
 * rows meet their retractions there, or there are none; else it is hashed by all of its columns, so that equal rows meet, which no frequent key disturbs.
 */
export function routedInputs({ joinType, left, right, broadcast }: RoutedJoin): {
  readonly inputs: readonly [PhysicalInput, PhysicalInput];
  readonly broadcast: BroadcastJoin | null;
} {
  const side = broadcast === 0 ? right : left;
  if (broadcast === null || side.plan.columns.length === 0) return { inputs: [keyedSide(left), keyedSide(right)], broadcast: null };
  const { plan } = side;
  const all = plan.columns.map((_, index) => index);
  const hashed = plan.distribution.kind === 'hash' ? plan.distribution.keys : null;
  // A row that is shown or not has to be known by its contents.
  const loose = hashed === null && plan.appendOnly && joinType === 'inner';
  const input: PhysicalInput = { plan, partitioner: hashed !== null || loose ? { kind: 'forward' } : { kind: 'hash', keys: all } };
  const everywhere: PhysicalInput = { plan: (broadcast === 0 ? left : right).plan, partitioner: { kind: 'broadcast' } };
  return { inputs: broadcast === 0 ? [everywhere, input] : [input, everywhere], broadcast: { input: broadcast, local: hashed ?? all, loose } };
}

function keyedSide({ plan, keys }: KeyedSide): PhysicalInput {
  if (keys.length > 0) return exactlyKeyedInput(plan, keys);
  return { plan, partitioner: { kind: plan.distribution.kind === 'single' ? 'forward' : 'global' } };
}

/** Where the output of a broadcast join lies: where the rows of the other side do. */
export function localDistribution({ left }: JoinedSides, { input, local, loose }: BroadcastJoin): Distribution {
  if (loose) return { kind: 'any' };
  return { kind: 'hash', keys: input === 1 ? local : local.map((column) => left.plan.columns.length + column) };
}

export function broadcastText(broadcast: BroadcastJoin | null): string {
  return broadcast === null ? '' : ` · ${broadcast.input === 0 ? 'left' : 'right'} side in each subtask`;
}
