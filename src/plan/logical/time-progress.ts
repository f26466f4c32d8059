import type { EventTimeColumn } from '../../catalog/index.ts';
import { type Expression, splitConjuncts } from '../../expr/index.ts';
import type { AggregatePlan, JoinPlan, LogicalPlan, OverPlan, ScanPlan, WindowAssignPlan, WindowShape } from './logical-plan.ts';
import { planInputs } from './plan-inputs.ts';
import { momentCall } from './temporal-filter.ts';

const MILLISECOND_MICROS = 1000n;
const PROCESSING_TIME = /^proctime\(\) -> /;
const EQUALITY = /^timestamp(tz)? = timestamp(tz)? -> /;

/** How far behind a clock, the watermark or the time of epochs, a column's values may still change (microseconds). */
export interface TimeProgress {
  readonly clock: 'watermark' | 'epoch';
  readonly latenessMicros: bigint;
}

/**
 * Whether a column follows a clock: once that has reached w, no row is added or taken back any more whose value is below w minus the lateness. Null:
 * old values may still change, so nothing may be closed or forgotten by them.
 */
export function timeProgress(plan: LogicalPlan, column: number): TimeProgress | null {
  switch (plan.kind) {
    case 'scan':
      return progressOfScan(plan, column);
    case 'filter':
      // What a filter by the present lets go is old.
      return momentCall(plan.predicate) === null ? timeProgress(plan.input, column) : null;
    case 'sort':
      return timeProgress(plan.input, column);
    case 'project':
      return progressOf(plan.input, plan.expressions[column]!);
    case 'window-assign':
      return progressOfWindow(plan, column);
    case 'aggregate':
      return progressOfKey(plan, column);
    case 'join':
      return progressOfJoin(plan, column);
    case 'set-operation':
      return slowest(plan.inputs.map((input) => timeProgress(input, column)));
    case 'distinct':
      return plan.on === null ? timeProgress(plan.input, column) : null;
    case 'over':
      return progressOfOver(plan, column);
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
    const progress = timeProgress(plan, column);
    if (progress === null || progress.clock !== 'watermark') continue;
    // Of window_end and window_time the second is meant: the last instant inside the window.
    if (best === null || progress.latenessMicros <= best.lateness) best = { column, lateness: progress.latenessMicros };
  }
  return best?.column ?? null;
}

/** As timeProgress; null as well over the changelog of a connector, which takes rows back by their key however old they are. */
export function settledProgress(plan: LogicalPlan, column: number): TimeProgress | null {
  return takesBackOldRows(plan) ? null : timeProgress(plan, column);
}

function takesBackOldRows(plan: LogicalPlan): boolean {
  if (plan.kind !== 'scan') return planInputs(plan).some(takesBackOldRows);
  const { watermark, appendOnly, options } = plan.relation;
  return watermark !== null && !appendOnly && options !== null;
}

/** The columns that follow the watermark: what a materialized view tells its readers. */
export function eventTimesOf(plan: LogicalPlan): readonly EventTimeColumn[] {
  return plan.fields.flatMap((_, column) => {
    const progress = settledProgress(plan, column);
    return progress?.clock === 'watermark' ? [{ column, latenessMicros: progress.latenessMicros }] : [];
  });
}

function progressOfScan(plan: ScanPlan, column: number): TimeProgress | null {
  const path = plan.paths[column]!;
  if (path.length !== 1 || plan.variant !== 'rows') return null;
  const { watermark, eventTimes } = plan.relation;
  const derived = eventTimes?.find((one) => one.column === path[0]);
  if (derived !== undefined) return { clock: 'watermark', latenessMicros: derived.latenessMicros };
  return watermark !== null && path[0] === watermark.column ? { clock: 'watermark', latenessMicros: watermark.latenessMicros } : null;
}

const NOW: TimeProgress = { clock: 'epoch', latenessMicros: 0n };

function progressOf(input: LogicalPlan, expression: Expression): TimeProgress | null {
  if (expression.kind === 'call' && PROCESSING_TIME.test(expression.signature)) return NOW;
  return expression.kind === 'column' ? timeProgress(input, expression.index) : null;
}

function progressOfWindow(plan: WindowAssignPlan, column: number): TimeProgress | null {
  const { window } = plan;
  const width = plan.input.fields.length;
  // The rows of a session change as long as it is open, however old they are.
  if (column < width) return window.kind === 'session' ? null : timeProgress(plan.input, column);
  const time = timeProgress(plan.input, plan.timeColumn);
  const later = time === null ? null : boundLateness(window, column - width);
  return time === null || later === null ? null : { ...time, latenessMicros: time.latenessMicros + later };
}

/** By how much window_start (0), window_end (1) and window_time (2) are behind the times of rows that may still come; null: unbounded. */
function boundLateness(window: WindowShape, bound: number): bigint | null {
  if (window.kind === 'session') {
    // A row at the very end of a session joins it, so it is open a microsecond longer than other windows.
    return bound === 0 ? null : 1n + (bound === 2 ? MILLISECOND_MICROS : 0n);
  }
  if (bound === 0) return window.sizeMicros;
  // Between window_time and window_end there is no other border, unless windows begin between two milliseconds.
  const step = window.kind === 'tumble' ? window.sizeMicros : window.kind === 'hop' ? window.slideMicros : window.stepMicros;
  const whole = [window.sizeMicros, window.offsetMicros, step].every((micros) => micros % MILLISECOND_MICROS === 0n);
  return bound === 2 && !whole ? MILLISECOND_MICROS : 0n;
}

function progressOfKey(plan: AggregatePlan, column: number): TimeProgress | null {
  if (column >= plan.groupBy.length || !plan.groupingSets.every((set) => set.includes(column))) return null;
  return progressOf(plan.input, plan.groupBy[column]!);
}

/** Rows of a join come and go with either side, so a column follows a clock only where it equals one of the other side that does too. */
function progressOfJoin(plan: JoinPlan, column: number): TimeProgress | null {
  const width = plan.left.fields.length;
  for (const conjunct of plan.condition === null ? [] : splitConjuncts(plan.condition)) {
    if (conjunct.kind !== 'call' || !EQUALITY.test(conjunct.signature)) continue;
    const [first, second] = conjunct.args as [Expression, Expression];
    if (first.kind !== 'column' || second.kind !== 'column' || (first.index !== column && second.index !== column)) continue;
    const [left, right] = first.index < second.index ? [first.index, second.index] : [second.index, first.index];
    if (left >= width || right < width) continue;
    return slowest([timeProgress(plan.left, left), timeProgress(plan.right, right - width)]);
  }
  return null;
}

/** A row of a window function changes with the rows of its partition. */
function progressOfOver(plan: OverPlan, column: number): TimeProgress | null {
  const kept = plan.calls.every((call) => call.partitionBy.some((key) => key.kind === 'column' && key.index === column));
  return column < plan.input.fields.length && kept ? timeProgress(plan.input, column) : null;
}

function slowest(inputs: readonly (TimeProgress | null)[]): TimeProgress | null {
  const [first, ...others] = inputs;
  if (first === undefined || first === null) return null;
  let { latenessMicros } = first;
  for (const other of others) {
    if (other === null || other.clock !== first.clock) return null;
    if (other.latenessMicros > latenessMicros) latenessMicros = other.latenessMicros;
  }
  return { ...first, latenessMicros };
}
