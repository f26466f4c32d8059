import { type LogicalPlan, planInputs, timeProgress, type WindowAssignPlan, type WindowShape } from '../logical/index.ts';

/** Every TUMBLE, HOP, CUMULATE and SESSION of a plan, the outermost first. */
export function windowsOf(plan: LogicalPlan): readonly WindowAssignPlan[] {
  return [...(plan.kind === 'window-assign' ? [plan] : []), ...planInputs(plan).flatMap(windowsOf)];
}

/** How far behind the watermark a window's end has to be until it closes (microseconds); null where it follows no watermark. */
export function closingLateness(plan: WindowAssignPlan): bigint | null {
  const progress = timeProgress(plan, plan.input.fields.length + 1);
  return progress === null || progress.clock !== 'watermark' ? null : progress.latenessMicros;
}

/** The first end of a window after a moment (microseconds). Null for sessions, whose ends the rows decide. */
export function nextWindowEnd(window: WindowShape, afterMicros: bigint): bigint | null {
  switch (window.kind) {
    case 'tumble':
      return nextStep(afterMicros, window.sizeMicros, window.offsetMicros);
    case 'hop':
      return nextStep(afterMicros, window.slideMicros, window.offsetMicros + window.sizeMicros);
    case 'cumulate':
      return nextStep(afterMicros, window.stepMicros, window.offsetMicros);
    default:
      return null;
  }
}

/** The first of origin + k * step after a moment. */
function nextStep(after: bigint, step: bigint, origin: bigint): bigint {
  const since = after - origin;
  const past = since % step;
  return after - (past < 0n ? past + step : past) + step;
}
