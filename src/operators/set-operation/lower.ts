import { closestKey, settledProgress } from '../../plan/logical/index.ts';
import { exactlyKeyedInput, type Lowering, type PhysicalInput, type PhysicalPlan, timeBound } from '../../plan/physical/index.ts';
import { withRowTtl } from '../row-ttl/lower.ts';
import type { KeyExpiry } from '../spec/index.ts';
import { commonTimes } from '../union-all/lower.ts';
import { setOperationSpecCodec } from './spec.ts';

const REMEDY = "let the rows of both inputs go with WHERE time > now() - INTERVAL '…', or group them by a window first";

/** INTERSECT and EXCEPT. Equal rows of both inputs meet in one slot. */
export const lowerSetOperation: Lowering = {
  operator: 'set-operation',
  lower(plan, context) {
    if (plan.kind !== 'set-operation' || plan.operator === 'union') return null;
    const { operator, all } = plan;
    const keys = plan.fields.map((_, index) => index);
    const timed = closestKey(plan.fields, (column) => settledProgress(plan, column));
    const expiry: KeyExpiry | null = timed === null ? null : { column: timed.key, ...timed.progress };
    const inputs = plan.inputs.map((input) => keyed(withRowTtl(context.lower(input), keys, timed === null ? context.stateTtl(input) : null), keys));
    return {
      kind: 'operator',
      operator: {
        kind: setOperationSpecCodec.kind,
        version: setOperationSpecCodec.version,
        parameters: setOperationSpecCodec.encode({ operator, all, expiry }),
        label: `${operator === 'intersect' ? 'Intersect' : 'Except'}${all ? ' all' : ''}`,
      },
      state: {
        kept: inputs.map((_, input) => ({
          what: `rows of input ${input + 1}`,
          key: [],
          columns: plan.fields,
          bound: timed === null ? { kind: 'content', input, remedy: REMEDY } : timeBound(timed.progress, 'a row', plan.fields[timed.key]!.name),
        })),
        content: 'input',
      },
      inputs,
      parallelism: keys.length === 0 ? 'one' : 'all',
      columns: plan.fields,
      appendOnly: false,
      net: true,
      distribution: keys.length === 0 ? { kind: 'single' } : { kind: 'hash', keys },
      uniqueKeys: all ? [] : [keys],
      window: null,
      ...(expiry === null ? { showsAgain: true } : { cannotShow: 'rows that time has passed are not in its state any more' }),
      ...commonTimes(inputs.map(({ plan }) => plan)),
    };
  },
};

function keyed(plan: PhysicalPlan, keys: readonly number[]): PhysicalInput {
  if (keys.length > 0) return exactlyKeyedInput(plan, keys);
  return { plan, partitioner: { kind: plan.distribution.kind === 'single' ? 'forward' : 'global' } };
}
