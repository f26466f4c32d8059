import { type AsOfJoinPlan, asOfCondition } from '../../plan/logical/index.ts';
import type { KeptState, Lowering, OperatorNode, OperatorState } from '../../plan/physical/index.ts';
import { type KeyedSide, keyedSide, laterOf, originalColumns } from './keyed-side.ts';
import { asOfJoinSpecCodec } from './spec.ts';

/** ASOF joins. Rows without a time or key on the right match nothing and are not kept; on the left they are of use to a left join alone. */
export const lowerAsOfJoin: Lowering = {
  operator: 'as-of-join',
  lower(plan, context) {
    if (plan.kind !== 'as-of-join' || plan.temporal || plan.time === null) return null;
    const { joinType, time, leftKeys, rightKeys } = plan;
    const left = keyedSide(context.lower(plan.left), leftKeys, joinType === 'left' ? [] : [...leftKeys, time.left]);
    const right = keyedSide(context.lower(plan.right), rightKeys, [...rightKeys, time.right]);
    const isTimed = [left.plan.eventTimes?.includes(left.position[time.left]!), right.plan.eventTimes?.includes(right.position[time.right]!)].every(
      Boolean,
    );
    const latenessMicros = laterOf(left.plan.latenessMicros, right.plan.latenessMicros);
    const keyCount = leftKeys.length;
    const keys = leftKeys.map((_, key) => key);
    const { direction, strict } = time;
    const parameters = asOfJoinSpecCodec.encode({
      joinType,
      keyCount,
      leftTime: left.position[time.left]!,
      rightTime: right.position[time.right]!,
      direction,
      strict,
      tieBy: right.position,
      latenessMicros: isTimed ? (latenessMicros ?? 0n) : null,
    });
    const label = `As-of${joinType === 'left' ? ' left' : ''} join ${asOfCondition(plan)}`;
    const joined: OperatorNode = {
      kind: 'operator',
      operator: { kind: asOfJoinSpecCodec.kind, version: asOfJoinSpecCodec.version, parameters, label },
      state: isTimed ? timedState(left, right, plan) : asOfState(left, right, keyCount),
      inputs: [left.input, right.input],
      parallelism: keyCount === 0 ? 'one' : 'all',
      columns: [...left.plan.columns, ...right.plan.columns],
      appendOnly: false,
      net: true,
      distribution: keyCount === 0 ? { kind: 'single' } : { kind: 'hash', keys },
      // Each left row comes once.
      uniqueKeys: left.plan.uniqueKeys,
      window: null,
      latenessMicros,
      ...(keyCount === 0 ? { warning: keylessWarning } : {}),
    };
    const names = plan.fields.map((field) => field.name);
    return originalColumns(joined, left, right, names);
  },
};

/** All rows of both sides: an older row of the right may become the nearest again. */
function asOfState(left: KeyedSide, right: KeyedSide, keyCount: number): OperatorState {
  const remedy = "compare event times of both sides, or read the latest rows only, such as WHERE ts > now() - INTERVAL '1 day'";
  return {
    kept: [
      keptOf(left, keyCount, 'rows of the left side', { kind: 'content', input: 0, remedy }),
      keptOf(right, keyCount, 'rows of the right side', { kind: 'content', input: 1, remedy }),
    ],
    content: 'input',
  };
}

/** What the watermark has not passed on both sides; and behind it what rows to come look back to, or the left rows that still look ahead. */
function timedState(left: KeyedSide, right: KeyedSide, { leftKeys, rightKeys, time }: AsOfJoinPlan): OperatorState {
  const passed = { kind: 'time', by: 'watermark', until: 'a row goes when the watermark has passed it' } as const;
  const remedy =
    "read the latest left rows only, such as WHERE ts > now() - INTERVAL '1 day': a row goes with the right row it has found, and those of keys without a later one stay";
  const looksBack = time!.direction === 'before';
  return {
    kept: [
      keptOf(left, leftKeys.length, 'rows of the left side', looksBack ? passed : { kind: 'content', input: 0, remedy }),
      keptOf(
        right,
        rightKeys.length,
        looksBack ? 'the latest passed row of each key' : 'rows of the right side',
        looksBack ? { kind: 'keys' } : passed,
      ),
    ],
    content: 'input',
  };
}

function keptOf(side: KeyedSide, keyCount: number, what: string, bound: KeptState['bound']): KeptState {
  return { what, key: side.plan.columns.slice(0, keyCount), columns: side.plan.columns.slice(keyCount), bound };
}

const keylessWarning = {
  message: 'an ASOF join without an equality between its sides is done in one task',
  hint: 'Add an equality such as a.k = b.k.',
};
