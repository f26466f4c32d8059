import type { AsOfJoinPlan } from './logical-plan.ts';

/** The condition of an as-of join as plans show it: `k = k AND at <= ts`. */
export function asOfCondition({ left, right, leftKeys, rightKeys, time }: AsOfJoinPlan): string {
  const keys = leftKeys.map((key, index) => `${left.fields[key]!.name} = ${right.fields[rightKeys[index]!]!.name}`);
  if (time === null) return [...keys, 'in the same epoch'].join(' AND ');
  const comparison = `${time.direction === 'before' ? '<' : '>'}${time.strict ? '' : '='}`;
  return [...keys, `${right.fields[time.right]!.name} ${comparison} ${left.fields[time.left]!.name}`].join(' AND ');
}
