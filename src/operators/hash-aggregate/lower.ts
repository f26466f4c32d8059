import { type AggregatePlan, settledProgress } from '../../plan/logical/index.ts';
import {
  type Lowering,
  type LoweringContext,
  type OperatorNode,
  type PhysicalPlan,
  ttlBound,
  ttlText,
  ttlTraits,
} from '../../plan/physical/index.ts';
import { aggregateKeyedInput } from '../combine-rows/lower.ts';
import { aggregateByWindow } from '../window-aggregate/lower.ts';
import { type AggregateInput, aggregateInput, aggregateLabel } from './aggregate-input.ts';
import { aggregateMemory } from './aggregate-memory.ts';
import { hashAggregateSpecCodec } from './spec.ts';

/** GROUP BY and DISTINCT. Asked after window-aggregate, which takes the windowed ones. */
export const lowerHashAggregate: Lowering = {
  operator: 'hash-aggregate',
  lower(plan, context) {
    if (plan.kind === 'aggregate')
      return plan.wholeRows === true ? wholeRows(plan, context) : hashAggregate(plan, aggregateInput(plan, context), context);
    if (plan.kind === 'distinct' && plan.on === null) return distinct(plan.input, context);
    return null;
  },
};

/** All columns as keys and no call: a row for each different row. */
export function distinct(input: AggregatePlan['input'], context: LoweringContext): PhysicalPlan {
  const groupBy = input.fields.map(({ name, type }, index) => ({ kind: 'column' as const, index, name, type }));
  const plan: AggregatePlan = {
    kind: 'aggregate',
    input,
    groupBy,
    groupingSets: [groupBy.map((_, index) => index)],
    calls: [],
    local: true,
    wholeRows: true,
    fields: input.fields,
  };
  return wholeRows(plan, context);
}

function wholeRows(plan: AggregatePlan, context: LoweringContext): PhysicalPlan {
  // With EMIT ON WINDOW CLOSE the windows below are shown when they close, and what is different among them at once.
  const timed = context.emit === 'on-update' ? aggregateByWindow(plan, context, (key) => settledProgress(plan.input, key)) : null;
  return timed ?? hashAggregate(plan, aggregateInput(plan, context), context);
}

function hashAggregate(plan: AggregatePlan, prepared: AggregateInput, context: LoweringContext): PhysicalPlan {
  const { input, keyCount, calls } = prepared;
  const keys = Array.from({ length: keyCount }, (_, index) => index);
  const keyed = aggregateKeyedInput(input, keyCount, { calls, local: plan.local === true });
  const stateTtlMs = keyCount === 0 ? null : context.stateTtl(plan.input);
  return {
    kind: 'operator',
    operator: {
      kind: hashAggregateSpecCodec.kind,
      version: hashAggregateSpecCodec.version,
      parameters: hashAggregateSpecCodec.encode({ keys, partitionKeyCount: keyed.partitionKeyCount, calls, stateTtlMs }),
      label: `${aggregateLabel('Aggregate', plan, keyed)}${ttlText(stateTtlMs)}`,
    },
    state: {
      kept: aggregateMemory(prepared, stateTtlMs === null ? null : ttlBound('a group', stateTtlMs), context),
      content: keyCount === 0 ? 'fixed' : stateTtlMs === null ? 'keys' : 'time',
    },
    inputs: [keyed.input],
    parallelism: keyCount === 0 || input.distribution.kind === 'single' ? 'one' : 'all',
    columns: plan.fields,
    appendOnly: false,
    net: true,
    distribution:
      keyCount === 0
        ? { kind: 'single' }
        : input.distribution.kind === 'single'
          ? input.distribution
          : { kind: 'hash', keys: keys.slice(0, keyed.partitionKeyCount) },
    uniqueKeys: [keys],
    latenessMicros: input.latenessMicros,
    ...(stateTtlMs === null ? lastingTraits(input, keys.length) : ttlTraits(stateTtlMs)),
  };
}

/** Of groups that stay. One changes with its rows only. */
function lastingTraits({ window, eventTimes }: PhysicalPlan, keyCount: number): Pick<OperatorNode, 'window' | 'eventTimes' | 'showsAgain'> {
  return { window, eventTimes: (eventTimes ?? []).filter((column) => column < keyCount), showsAgain: true };
}
