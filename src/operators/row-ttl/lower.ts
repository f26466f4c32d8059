import { exactlyKeyedInput, type PhysicalInput, type PhysicalPlan, ttlBound, ttlText, ttlTraits } from '../../plan/physical/index.ts';
import { rowTtlSpecCodec } from './spec.ts';

/** `plan`, routed by `keys`, without the rows that have not been touched for `ttlMs`; the plan itself where there is no ttl. */
export function withRowTtl(plan: PhysicalPlan, keys: readonly number[], ttlMs: number | null): PhysicalPlan {
  if (ttlMs === null) return plan;
  const single = keys.length === 0 || plan.distribution.kind === 'single';
  const partitionBy = single ? [] : keys;
  return {
    kind: 'operator',
    operator: {
      kind: rowTtlSpecCodec.kind,
      version: rowTtlSpecCodec.version,
      parameters: rowTtlSpecCodec.encode({ ttlMs, partitionBy }),
      label: `Rows touched lately${ttlText(ttlMs)}`,
    },
    state: {
      kept: [{ what: 'rows, each with when it was touched', key: [], columns: plan.columns, bound: ttlBound('a row', ttlMs) }],
      content: 'time',
    },
    inputs: [single ? inOneSubtask(plan) : exactlyKeyedInput(plan, keys)],
    parallelism: single ? 'one' : 'all',
    columns: plan.columns,
    appendOnly: false,
    net: true,
    distribution: single ? { kind: 'single' } : { kind: 'hash', keys },
    uniqueKeys: plan.uniqueKeys,
    latenessMicros: plan.latenessMicros,
    ...ttlTraits(ttlMs),
  };
}

function inOneSubtask(plan: PhysicalPlan): PhysicalInput {
  return { plan, partitioner: { kind: plan.distribution.kind === 'single' ? 'forward' : 'global' } };
}
