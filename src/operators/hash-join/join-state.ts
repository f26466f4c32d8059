import { isLeftOnly } from '../../plan/logical/index.ts';
import { type KeptState, type PhysicalPlan, type StateBound, ttlBound } from '../../plan/physical/index.ts';
import type { Expiry } from './expiry.ts';
import type { HashJoinSpec } from './spec.ts';

interface JoinedSide {
  readonly plan: PhysicalPlan;
  readonly keys: readonly number[];
}

interface RememberingJoin {
  readonly joinType: HashJoinSpec['joinType'];
  readonly left: JoinedSide;
  readonly right: JoinedSide;
  readonly broadcast: 0 | 1 | null;
}

/** What a join keeps of its sides, and what ends that. */
export function joinState(
  { joinType, left, right, broadcast }: RememberingJoin,
  expiry: readonly [left: Expiry | null, right: Expiry | null],
): KeptState[] {
  return [left, right].map((side, input): KeptState => {
    const { plan, keys } = side;
    const key = keys.map((column) => plan.columns[column]!);
    const columns = plan.columns.filter((_, column) => !keys.includes(column));
    // A side with no column but its keys is a number for each of them.
    const isCounted = input === 1 && isLeftOnly(joinType) && columns.length === 0;
    const what = isCounted ? 'how often the right side has a key' : `rows of the ${input === 0 ? 'left' : 'right'} side`;
    const where = broadcast === input ? ' in each subtask' : '';
    return {
      what: `${what}${where}`,
      key,
      columns,
      bound: boundOf(side, { input, expiry: expiry[input]!, isCounted, remedy: remedyFor(left.plan, right.plan) }),
    };
  });
}

interface SideFacts {
  readonly input: number;
  readonly expiry: Expiry | null;
  readonly isCounted: boolean;
  readonly remedy: string;
}

function boundOf({ plan, keys }: JoinedSide, { input, expiry, isCounted, remedy }: SideFacts): StateBound {
  if (expiry?.clock === 'epoch') return ttlBound('a row', expiry.slackMicros / 1000);
  if (expiry !== null) {
    const slack = expiry.slackMicros === 0 ? '' : ` + ${expiry.slackMicros / 1_000_000} s`;
    return { kind: 'time', by: 'watermark', until: `a row goes when the watermark passes ${plan.columns[expiry.column]!.name}${slack}` };
  }
  if (isCounted) return keys.length === 0 ? { kind: 'fixed', by: 'one number' } : { kind: 'keys' };
  return { kind: 'content', input, remedy };
}

function remedyFor(left: PhysicalPlan, right: PhysicalPlan): string {
  const times = [left, right].map((plan) => plan.columns[plan.eventTimes?.[0] ?? -1]?.name);
  const [leftTime = 't', rightTime = 't'] = times;
  const condition = `bound the times of both sides in ON, such as a.${leftTime} BETWEEN b.${rightTime} - INTERVAL '1 hour' AND b.${rightTime}, or join by window_end`;
  const isTimed = [left, right].every((plan) => plan.latenessMicros !== null);
  return isTimed ? condition : `declare a WATERMARK on both sides and ${condition}; or join a table as of the row's time, FOR SYSTEM_TIME AS OF`;
}
