import { forwardInput, type Lowering, type PhysicalPlan, STATELESS } from '../../plan/physical/index.ts';
import { distinct } from '../hash-aggregate/lower.ts';
import { unionAllSpecCodec } from './spec.ts';

/** UNION ALL; UNION is the distinct rows of it. */
export const lowerUnionAll: Lowering = {
  operator: 'union-all',
  lower(plan, context) {
    if (plan.kind !== 'set-operation' || plan.operator !== 'union') return null;
    if (!plan.all) return distinct({ ...plan, all: true }, context);
    const inputs = plan.inputs.map((input) => context.lower(input));
    return unionNode(inputs, plan.fields);
  },
};

/** The rows of all of `inputs`, which have these columns. */
export function unionNode(inputs: readonly PhysicalPlan[], columns: PhysicalPlan['columns']): PhysicalPlan {
  return {
    kind: 'operator',
    operator: { kind: unionAllSpecCodec.kind, version: unionAllSpecCodec.version, parameters: unionAllSpecCodec.encode({}), label: 'Union' },
    state: STATELESS,
    inputs: inputs.map((input) => (input.distribution.kind === 'single' ? { plan: input, partitioner: { kind: 'rebalance' } } : forwardInput(input))),
    parallelism: 'all',
    columns,
    appendOnly: inputs.every((input) => input.appendOnly),
    net: false,
    distribution: { kind: 'any' },
    uniqueKeys: [],
    window: null,
    ...commonTimes(inputs),
  };
}

/** Event times of rows that come from either of some inputs with the same columns. */
export function commonTimes(inputs: readonly PhysicalPlan[]): Pick<PhysicalPlan, 'latenessMicros' | 'eventTimes'> {
  const lateness = inputs.map((input) => input.latenessMicros);
  const [first, ...others] = inputs.map((input) => input.eventTimes ?? []);
  return {
    latenessMicros: lateness.every((one) => one !== null) ? largest(lateness) : null,
    eventTimes: (first ?? []).filter((column) => others.every((times) => times.includes(column))),
  };
}

function largest(values: readonly bigint[]): bigint {
  let found = 0n;
  for (const value of values) if (value > found) found = value;
  return found;
}
