import { type Expression, splitConjuncts } from '../../expr/index.ts';
import type { AggregatePlan, JoinPlan, LogicalPlan, OverPlan, WindowAssignPlan } from './logical-plan.ts';

const MILLISECOND_MICROS = 1000n;
const EQUALITY = /^timestamp(tz)? = timestamp(tz)? -> /;

/**
 * Whether a column follows the watermark: once it has reached w, no row is added or taken back any more whose value is below w minus this lateness
 * (microseconds). Null: old values may still change, so nothing may be closed or forgotten by them.
 */
export function eventTimeLateness(plan: LogicalPlan, column: number): bigint | null {
  switch (plan.kind) {
    case 'scan': {
      const { watermark } = plan.relation;
      const path = plan.paths[column]!;
      return watermark !== null && plan.variant === 'rows' && path.length === 1 && path[0] === watermark.column ? watermark.latenessMicros : null;
    }
    case 'filter':
    case 'sort':
      return eventTimeLateness(plan.input, column);
    case 'project':
      return latenessOf(plan.input, plan.expressions[column]!);
    case 'window-assign':
      return latenessOfWindow(plan, column);
    case 'aggregate':
      return latenessOfKey(plan, column);
    case 'join':
      return latenessOfJoin(plan, column);
    case 'set-operation':
      return largest(plan.inputs.map((input) => eventTimeLateness(input, column)));
    case 'distinct':
      return plan.on === null ? eventTimeLateness(plan.input, column) : null;
    case 'over':
      return latenessOfOver(plan, column);
    default:
      // What LIMIT shows is pushed out by newer rows; the others have no input.
      return null;
  }
}

/** The column a window that names none is over: one that follows the watermark, most closely where there are several. Null when there is none. */
export function eventTimeColumn(plan: LogicalPlan): number | null {
  let best: { readonly column: number; readonly lateness: bigint } | null = null;
  for (const [column, field] of plan.fields.entries()) {
    if (field.type.kind !== 'timestamp' && field.type.kind !== 'timestamptz') continue;
    const lateness = eventTimeLateness(plan, column);
    // Of window_end and window_time the second is meant: the last instant inside the window.
    if (lateness !== null && (best === null || lateness <= best.lateness)) best = { column, lateness };
  }
  return best?.column ?? null;
}

function latenessOf(input: LogicalPlan, expression: Expression): bigint | null {
  return expression.kind === 'column' ? eventTimeLateness(input, expression.index) : null;
}

function latenessOfWindow(plan: WindowAssignPlan, column: number): bigint | null {
  const { window } = plan;
  const width = plan.input.fields.length;
  // The rows of a session change as long as it is open, however old they are.
  if (column < width) return window.kind === 'session' ? null : eventTimeLateness(plan.input, column);
  const lateness = eventTimeLateness(plan.input, plan.timeColumn);
  if (lateness === null) return null;
  const bound = column - width;
  if (window.kind === 'session') {
    // A row at the very end of a session joins it, so it is open a microsecond longer than other windows.
    return bound === 0 ? null : lateness + 1n + (bound === 2 ? MILLISECOND_MICROS : 0n);
  }
  if (bound === 0) return lateness + window.sizeMicros;
  // Between window_time and window_end there is no other border, unless windows begin between two milliseconds.
  const step = window.kind === 'tumble' ? window.sizeMicros : window.kind === 'hop' ? window.slideMicros : window.stepMicros;
  const whole = [window.sizeMicros, window.offsetMicros, step].every((micros) => micros % MILLISECOND_MICROS === 0n);
  return bound === 2 && !whole ? lateness + MILLISECOND_MICROS : lateness;
}

function latenessOfKey(plan: AggregatePlan, column: number): bigint | null {
  if (column >= plan.groupBy.length || !plan.groupingSets.every((set) => set.includes(column))) return null;
  return latenessOf(plan.input, plan.groupBy[column]!);
}

/** Rows of a join come and go with either side, so a column follows the watermark only where it equals one of the other side that does too. */
function latenessOfJoin(plan: JoinPlan, column: number): bigint | null {
  const width = plan.left.fields.length;
  for (const conjunct of plan.condition === null ? [] : splitConjuncts(plan.condition)) {
    if (conjunct.kind !== 'call' || !EQUALITY.test(conjunct.signature)) continue;
    const [first, second] = conjunct.args as [Expression, Expression];
    if (first.kind !== 'column' || second.kind !== 'column' || (first.index !== column && second.index !== column)) continue;
    const [left, right] = first.index < second.index ? [first.index, second.index] : [second.index, first.index];
    if (left >= width || right < width) continue;
    return largest([eventTimeLateness(plan.left, left), eventTimeLateness(plan.right, right - width)]);
  }
  return null;
}

/** A row of a window function changes with the rows of its partition. */
function latenessOfOver(plan: OverPlan, column: number): bigint | null {
  const kept = plan.calls.every((call) => call.partitionBy.some((key) => key.kind === 'column' && key.index === column));
  return column < plan.input.fields.length && kept ? eventTimeLateness(plan.input, column) : null;
}

function largest(lateness: readonly (bigint | null)[]): bigint | null {
  let most = 0n;
  for (const one of lateness) {
    if (one === null) return null;
    if (one > most) most = one;
  }
  return most;
}
