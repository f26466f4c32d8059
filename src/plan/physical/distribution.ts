import type { PartitionerSpec } from '../../jobgraph/index.ts';
import type { PhysicalInput, PhysicalPlan } from './physical-plan.ts';

/** An input whose rows with equal `keys` must meet, and how many leading keys decide the key group of the state built on it. */
export interface KeyedInput {
  readonly input: PhysicalInput;
  readonly partitionKeyCount: number;
}

/**
 * Routes a plan by `keys`. No exchange is needed when the rows already lie hashed by a prefix of them: equal keys have equal prefixes. No
 * keys at all means one subtask takes everything.
 */
export function keyedInput(plan: PhysicalPlan, keys: readonly number[]): KeyedInput {
  if (keys.length === 0)
    return { input: { plan, partitioner: { kind: plan.distribution.kind === 'single' ? 'forward' : 'global' } }, partitionKeyCount: 0 };
  const have = plan.distribution;
  if (have.kind === 'hash' && isPrefix(have.keys, keys)) {
    return { input: { plan, partitioner: { kind: 'forward' } }, partitionKeyCount: have.keys.length };
  }
  return { input: { plan, partitioner: { kind: 'hash', keys } }, partitionKeyCount: keys.length };
}

/** Exactly these keys in this order, for joins: both sides must be hashed by the same function of the same number of columns. */
export function exactlyKeyedInput(plan: PhysicalPlan, keys: readonly number[]): PhysicalInput {
  const have = plan.distribution;
  const there = have.kind === 'hash' && have.keys.length === keys.length && isPrefix(have.keys, keys);
  const partitioner: PartitionerSpec = there ? { kind: 'forward' } : { kind: 'hash', keys };
  return { plan, partitioner };
}

export function forwardInput(plan: PhysicalPlan): PhysicalInput {
  return { plan, partitioner: { kind: 'forward' } };
}

/** How the rows of an input come to their reader: a relation that is read with a hint is routed even where its rows could stay. */
export function routingOf({ plan, partitioner }: PhysicalInput): PartitionerSpec {
  return partitioner.kind === 'forward' && plan.kind === 'relation' ? (plan.routing ?? partitioner) : partitioner;
}

function isPrefix(shorter: readonly number[], longer: readonly number[]): boolean {
  return shorter.length > 0 && shorter.length <= longer.length && shorter.every((key, index) => key === longer[index]);
}
