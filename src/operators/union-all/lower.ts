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
  const lateness = inputs.map((input) => input.latenessMicros);
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
    latenessMicros: lateness.every((one) => one !== null) ? largest(lateness) : null,
  };
}

function largest(values: readonly bigint[]): bigint {
  let found = 0n;
  for (const value of values) if (value > found) found = value;
  return found;
}
