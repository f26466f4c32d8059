import { type Expression, type FunctionLookup, splitConjuncts } from '../../expr/index.ts';
import type { PhysicalPlan } from '../../plan/physical/index.ts';
import type { Interval } from '../../types/index.ts';
import type { Expiry } from './expiry.ts';

interface TimedJoin {
  readonly left: { readonly plan: PhysicalPlan; readonly keys: readonly number[] };
  readonly right: { readonly plan: PhysicalPlan; readonly keys: readonly number[] };
  readonly residual: Expression | null;
}

/** A time of the left row and one of the right row that bound each other: right <= left + above, left <= right + below; null where there is no bound. */
interface TimeBound {
  readonly left: number;
  readonly right: number;
  readonly above: number | null;
  readonly below: number | null;
}

/**
 * How rows of both sides expire. A left row that needs right <= left + above is done for when every right time to come is larger, which the watermark
 * tells; but not before it can be taken back no more itself. Both times must be event times: a row that comes or goes later is not below the bound.
 */
export function joinExpiry(join: TimedJoin, functions: FunctionLookup): readonly [left: Expiry | null, right: Expiry | null] {
  const width = join.left.plan.columns.length;
  const bounds = [
    ...timeKeys(join).map((key): TimeBound => ({ left: join.left.keys[key]!, right: join.right.keys[key]!, above: 0, below: 0 })),
    ...(join.residual === null ? [] : splitConjuncts(join.residual)).flatMap((conjunct) => comparisonBound(conjunct, width, functions) ?? []),
  ].filter((bound) => isEventTime(join.left.plan, bound.left) && isEventTime(join.right.plan, bound.right));
  const soonest = (expiries: readonly (Expiry | null)[]): Expiry | null =>
    expiries.reduce((one, other) => (one === null || (other !== null && other.slackMicros < one.slackMicros) ? other : one), null);
  const expiry = (column: number, reach: number | null): Expiry | null => (reach === null ? null : { column, slackMicros: Math.max(0, reach) });
  return [soonest(bounds.map(({ left, above }) => expiry(left, above))), soonest(bounds.map(({ right, below }) => expiry(right, below)))];
}

/** Which of the keys are event times on both sides: rows that meet by them come and go together. */
export function timeKeys({ left, right }: Pick<TimedJoin, 'left' | 'right'>): number[] {
  return [...left.keys.keys()].filter((key) => isEventTime(left.plan, left.keys[key]!) && isEventTime(right.plan, right.keys[key]!));
}

function isEventTime(plan: PhysicalPlan, column: number): boolean {
  return plan.eventTimes?.includes(column) ?? false;
}

/** `left.a + x >= right.b + y` and the like. */
function comparisonBound(conjunct: Expression, width: number, functions: FunctionLookup): TimeBound | null {
  if (conjunct.kind !== 'call' || conjunct.args.length !== 2) return null;
  const first = timeTerm(conjunct.args[0]!, functions);
  const second = timeTerm(conjunct.args[1]!, functions);
  if (first === null || second === null || first.column < width === second.column < width) return null;
  const [left, right] = first.column < width ? [first, second] : [second, first];
  const above = left.offset - right.offset;
  const columns = { left: left.column, right: right.column - width };
  const leftFirst = left === first;
  switch (functions.function(conjunct.signature).name) {
    case '=':
      return { ...columns, above, below: -above };
    case '>=':
    case '>':
      return leftFirst ? { ...columns, above, below: null } : { ...columns, above: null, below: -above };
    case '<=':
    case '<':
      return leftFirst ? { ...columns, above: null, below: -above } : { ...columns, above, below: null };
    default:
      return null;
  }
}

interface TimeTerm {
  readonly column: number;
  readonly offset: number;
}

/** A column, plus or minus constant intervals of a fixed length. */
function timeTerm(expression: Expression, functions: FunctionLookup): TimeTerm | null {
  if (expression.kind === 'column') return { column: expression.index, offset: 0 };
  if (expression.kind !== 'call' || expression.args.length !== 2) return null;
  const { name } = functions.function(expression.signature);
  const [first, second] = expression.args as [Expression, Expression];
  if (name !== '+' && name !== '-') return null;
  const [time, length] = name === '+' && first.type.kind === 'interval' ? [second, first] : [first, second];
  const term = timeTerm(time, functions);
  const micros = fixedLength(length, time.type.kind === 'timestamp');
  if (term === null || micros === null) return null;
  const offset = term.offset + (name === '+' ? micros : -micros);
  return Number.isSafeInteger(offset) ? { ...term, offset } : null;
}

/** Microseconds of a constant interval; null for months, and for days where a day is not always of 24 hours. */
function fixedLength(expression: Expression, daysAreFixed: boolean): number | null {
  if (expression.kind !== 'literal' || expression.type.kind !== 'interval' || expression.value === null) return null;
  const { months, days, micros } = expression.value as Interval;
  if (months !== 0 || (days !== 0 && !daysAreFixed)) return null;
  return days * 86_400_000_000 + Number(micros);
}
