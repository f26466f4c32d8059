import { SqlError, SqlState } from '../../base/index.ts';
import { type AsOfJoinPlan, asOfCondition, timeProgress } from '../../plan/logical/index.ts';
import type { KeptState, Lowering, OperatorNode, OperatorState, PhysicalPlan } from '../../plan/physical/index.ts';
import { type KeyedSide, keyedSide, laterOf, originalColumns } from '../as-of-join/keyed-side.ts';
import { temporalJoinSpecCodec, type VersionTimes } from './spec.ts';

/** FOR SYSTEM_TIME AS OF, on event time and on processing time. */
export const lowerTemporalJoin: Lowering = {
  operator: 'temporal-join',
  lower(plan, context) {
    if (plan.kind !== 'as-of-join' || !plan.temporal) return null;
    const { joinType, time, leftKeys, rightKeys } = plan;
    const needed = joinType === 'left' ? [] : [...leftKeys, ...(time === null ? [] : [time.left])];
    const left = keyedSide(context.lower(plan.left), leftKeys, needed);
    const right = keyedSide(context.lower(plan.right), rightKeys, time === null ? rightKeys : [...rightKeys, time.right]);
    if (!left.plan.appendOnly) throw updatedLeft();
    const versions = time === null ? null : versionTimes(plan, left, right);
    const keys = leftKeys.map((_, key) => key);
    const node: OperatorNode = {
      kind: 'operator',
      operator: {
        kind: temporalJoinSpecCodec.kind,
        version: temporalJoinSpecCodec.version,
        parameters: temporalJoinSpecCodec.encode({ joinType, keyCount: keys.length, versions }),
        label: `Temporal${joinType === 'left' ? ' left' : ''} join ${asOfCondition(plan)}${time === null ? '' : ' · emit when the watermark has passed'}`,
      },
      inputs: [left.input, right.input],
      parallelism: 'all',
      state: temporalState(plan, left, right),
      columns: [...left.plan.columns, ...right.plan.columns],
      appendOnly: true,
      net: false,
      distribution: { kind: 'hash', keys },
      uniqueKeys: [],
      window: null,
      latenessMicros: laterOf(left.plan.latenessMicros, right.plan.latenessMicros),
    };
    return originalColumns(
      node,
      left,
      right,
      plan.fields.map((field) => field.name),
    );
  },
};

/** The table by its keys, and on event time the left rows the watermark has not passed. */
function temporalState({ time, leftKeys }: AsOfJoinPlan, left: KeyedSide, right: KeyedSide): OperatorState {
  const keptOf = (side: KeyedSide, what: string, bound: KeptState['bound']): KeptState => ({
    what,
    key: side.plan.columns.slice(0, leftKeys.length),
    columns: side.plan.columns.slice(leftKeys.length),
    bound,
  });
  const remedy = 'Join a table with a key, which keeps a row of each.';
  if (time === null) return { kept: [keptOf(right, 'rows of the right side', { kind: 'content', input: 1, remedy })], content: 'endless' };
  const waiting = keptOf(left, 'rows that wait for the watermark', {
    kind: 'time',
    by: 'watermark',
    until: 'a row goes when the watermark has passed it',
  });
  return { kept: [waiting, keptOf(right, 'the newest version of each key', { kind: 'keys' })], content: 'endless' };
}

function versionTimes(plan: AsOfJoinPlan, left: KeyedSide, right: KeyedSide): VersionTimes {
  const time = plan.time!;
  const leftTime = left.position[time.left]!;
  if (left.plan.eventTimes?.includes(leftTime) !== true) throw noEventTime(plan.left.fields[time.left]!.name, 'left');
  if (timeProgress(plan.right, time.right)?.clock !== 'watermark') throw noEventTime(plan.right.fields[time.right]!.name, 'right');
  if (!right.plan.appendOnly && !hasVersions(right.plan, plan.rightKeys.length)) throw noKey();
  return {
    left: leftTime,
    right: right.position[time.right]!,
    tieBy: right.position,
    latenessMicros: laterOf(left.plan.latenessMicros, right.plan.latenessMicros) ?? 0n,
  };
}

/** At any moment there is one row of each key at most: the join's keys, which come first, hold a unique key. */
function hasVersions({ uniqueKeys }: PhysicalPlan, keyCount: number): boolean {
  return uniqueKeys.some((key) => key.every((column) => column < keyCount));
}

function updatedLeft(): SqlError {
  return new SqlError({
    code: SqlState.featureNotSupported,
    message: 'the left side of FOR SYSTEM_TIME AS OF and LATERAL SNAPSHOT must only add rows',
    hint: 'Read a stream there, or join with ASOF JOIN, which follows changes of both sides.',
  });
}

function noEventTime(column: string, side: 'left' | 'right'): SqlError {
  return new SqlError({
    code: SqlState.featureNotSupported,
    message: `column "${column}" of the ${side} side of FOR SYSTEM_TIME AS OF is no event time`,
    hint: 'Use the column of the WATERMARK clause, FOR SYSTEM_TIME AS OF PROCTIME(), or ASOF JOIN.',
  });
}

function noKey(): SqlError {
  return new SqlError({
    code: SqlState.featureNotSupported,
    message: 'FOR SYSTEM_TIME AS OF over a table that updates needs equalities for all columns of its key',
    hint: 'Join by the primary key, or read the stream of versions itself, of which each row is one.',
  });
}
