import { asOfCondition } from '../../plan/logical/index.ts';
import type { Lowering, OperatorNode } from '../../plan/physical/index.ts';
import { keyedSide, originalColumns } from './keyed-side.ts';
import { asOfJoinSpecCodec } from './spec.ts';

/** ASOF joins. Rows without a time or key on the right match nothing and are not kept; on the left they are of use to a left join alone. */
export const lowerAsOfJoin: Lowering = {
  operator: 'as-of-join',
  lower(plan, context) {
    if (plan.kind !== 'as-of-join' || plan.temporal || plan.time === null) return null;
    const { joinType, time, leftKeys, rightKeys } = plan;
    const left = keyedSide(context.lower(plan.left), leftKeys, joinType === 'left' ? [] : [...leftKeys, time.left]);
    const right = keyedSide(context.lower(plan.right), rightKeys, [...rightKeys, time.right]);
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
    });
    const label = `As-of${joinType === 'left' ? ' left' : ''} join ${asOfCondition(plan)}`;
    const joined: OperatorNode = {
      kind: 'operator',
      operator: { kind: asOfJoinSpecCodec.kind, version: asOfJoinSpecCodec.version, parameters, label },
      inputs: [left.input, right.input],
      parallelism: keyCount === 0 ? 'one' : 'all',
      columns: [...left.plan.columns, ...right.plan.columns],
      appendOnly: false,
      net: true,
      distribution: keyCount === 0 ? { kind: 'single' } : { kind: 'hash', keys },
      // Each left row comes once.
      uniqueKeys: left.plan.uniqueKeys,
      window: null,
      latenessMicros: laterOf(left.plan.latenessMicros, right.plan.latenessMicros),
      ...(keyCount === 0 ? { warning: keylessWarning } : {}),
    };
    const names = plan.fields.map((field) => field.name);
    return originalColumns(joined, left, right, names);
  },
};

/** An input without event time does not hold the other back. */
function laterOf(left: bigint | null, right: bigint | null): bigint | null {
  if (left === null || right === null) return left ?? right;
  return left > right ? left : right;
}

const keylessWarning = {
  message: 'an ASOF join without an equality between its sides is done in one task',
  hint: 'Add an equality such as a.k = b.k.',
};
