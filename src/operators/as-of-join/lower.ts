import { asOfCondition } from '../../plan/logical/index.ts';
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
      state: asOfState(left, right, keyCount),
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

/** All rows of both sides: an older row of the right may become the nearest again. */
function asOfState(left: KeyedSide, right: KeyedSide, keyCount: number): OperatorState {
  const rowsOf = (side: KeyedSide, name: 'left' | 'right', input: number): KeptState => ({
    what: `rows of the ${name} side`,
    key: side.plan.columns.slice(0, keyCount),
    columns: side.plan.columns.slice(keyCount),
    bound: { kind: 'content', input, remedy: "Read the latest rows only, such as WHERE ts > now() - INTERVAL '1 day'." },
  });
  return { kept: [rowsOf(left, 'left', 0), rowsOf(right, 'right', 1)], content: 'input' };
}

const keylessWarning = {
  message: 'an ASOF join without an equality between its sides is done in one task',
  hint: 'Add an equality such as a.k = b.k.',
};
