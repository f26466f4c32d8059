import { SqlError, SqlState } from '../../base/index.ts';
import { type AggregatePlan, closestKey, settledProgress, type TimeProgress, timeProgress } from '../../plan/logical/index.ts';
import {
  CLOSED_WINDOWS_GONE,
  type Lowering,
  type LoweringContext,
  type PhysicalPlan,
  type StateBound,
  timeBound,
} from '../../plan/physical/index.ts';
import { aggregateKeyedInput } from '../combine-rows/lower.ts';
import { type AggregateInput, aggregateInput, aggregateLabel } from '../hash-aggregate/aggregate-input.ts';
import { aggregateMemory } from '../hash-aggregate/aggregate-memory.ts';
import { withCombinedWindows } from './combined-windows.ts';
import { windowAggregateSpecCodec } from './spec.ts';
import { withSlices } from './window-slices.ts';

/** GROUP BY with window_end (or window_start) of a window over event time. */
export const lowerWindowAggregate: Lowering = {
  operator: 'window-aggregate',
  lower: (plan, context) =>
    plan.kind === 'aggregate' && plan.wholeRows !== true ? aggregateByWindow(plan, context, (key) => keyProgress(plan, key)) : null,
};

/** By a key that is the window's end; `progressOf`: the time a key follows, null where it follows none. Null: no window to group by. Errors: 0A000. */
export function aggregateByWindow(
  plan: AggregatePlan,
  context: LoweringContext,
  progressOf: (key: number) => TimeProgress | null,
): PhysicalPlan | null {
  if (plan.groupBy.length === 0) {
    if (context.emit === 'on-window-close') throw needsWindow(false);
    return null;
  }
  const prepared = aggregateInput(plan, context);
  const { window } = prepared.input;
  const end = window?.end ?? null;
  const progress = end === null || end >= prepared.keyCount ? null : progressOf(end);
  if (end === null || progress === null) {
    if (context.emit === 'on-window-close') throw needsWindow(window !== null && end !== null && end < prepared.keyCount);
    return aggregateByTime(plan, prepared, context);
  }
  return windowAggregate(plan, prepared, { end, progress, mode: context.emit, bound: CLOSED_BY_WINDOW }, context);
}

/** By a key that follows a clock without being the end of a window: its groups are forgotten when the clock has passed it. */
function aggregateByTime(plan: AggregatePlan, prepared: AggregateInput, context: LoweringContext): PhysicalPlan | null {
  const everyRowHas = (key: number): boolean => plan.groupingSets.every((set) => set.includes(key));
  const timed = closestKey(plan.groupBy, (key) => {
    const expression = plan.groupBy[key]!;
    return expression.kind === 'column' && everyRowHas(key) ? settledProgress(plan.input, expression.index) : null;
  });
  if (timed === null) return null;
  const { key, progress } = timed;
  const bound = timeBound(progress, 'a group', prepared.input.columns[key]!.name);
  // A row at the very bound may still come, where none comes for a window that ends there.
  const closing = { ...progress, latenessMicros: progress.latenessMicros + 1n };
  return windowAggregate(plan, prepared, { end: key, progress: closing, mode: 'on-update', bound }, context);
}

/** As timeProgress, of a key. */
export function keyProgress(plan: AggregatePlan, key: number): TimeProgress | null {
  const expression = plan.groupBy[key];
  return expression?.kind === 'column' ? timeProgress(plan.input, expression.index) : null;
}

const CLOSED_BY_WINDOW: StateBound = { kind: 'time', by: 'window', until: 'a group goes when its window closes' };

interface WindowFacts {
  readonly end: number;
  readonly progress: TimeProgress;
  readonly mode: LoweringContext['emit'];
  /** What ends a group. */
  readonly bound: StateBound;
}

function windowAggregate(plan: AggregatePlan, prepared: AggregateInput, facts: WindowFacts, context: LoweringContext): PhysicalPlan {
  const { input: plain, keyCount, calls } = prepared;
  const local = plan.local === true;
  const keys = Array.from({ length: keyCount }, (_, index) => index);
  const isWindow = facts.end === plain.window?.end;
  const sliced = isWindow ? withSlices(plain, keyCount, calls) : null;
  const input = sliced?.input ?? (isWindow && local ? withCombinedWindows(plain) : plain);
  // The slices of a window have to meet. Rows that were combined before they were repeated for their windows need no second phase.
  const twoPhases = local && (sliced !== null || input === plain);
  const keyed = aggregateKeyedInput(input, sliced?.routingKeys ?? keyCount, { calls, local: twoPhases });
  // The retractions of an updating input could reach a window after it was closed only if they were late, and late rows are not in the input.
  const { end, mode } = facts;
  const { clock, latenessMicros } = facts.progress;
  return {
    kind: 'operator',
    operator: {
      kind: windowAggregateSpecCodec.kind,
      version: windowAggregateSpecCodec.version,
      parameters: windowAggregateSpecCodec.encode({
        keys,
        windowEndKey: end,
        partitionKeyCount: keyed.partitionKeyCount,
        calls,
        mode,
        clock,
        latenessMicros,
        slices: sliced?.slices ?? null,
      }),
      label: `${aggregateLabel(isWindow ? 'WindowAggregate' : 'Aggregate', plan, keyed)} · emit ${mode.replaceAll('-', ' ')}${sliced === null ? '' : ' · by slices'}`,
    },
    state: { kept: aggregateMemory(prepared, facts.bound, context), content: 'endless' },
    inputs: [keyed.input],
    parallelism: input.distribution.kind === 'single' ? 'one' : 'all',
    timed: clock === 'epoch',
    columns: plan.fields,
    appendOnly: mode === 'on-window-close',
    net: true,
    distribution: input.distribution.kind === 'single' ? input.distribution : { kind: 'hash', keys: keys.slice(0, keyed.partitionKeyCount) },
    uniqueKeys: [keys],
    window: input.window,
    cannotShow: CLOSED_WINDOWS_GONE,
    latenessMicros: input.latenessMicros,
    eventTimes: (input.eventTimes ?? []).filter((column) => column < keyCount),
  };
}

function needsWindow(noWatermark: boolean): SqlError {
  return new SqlError({
    code: SqlState.featureNotSupported,
    message: 'EMIT ON WINDOW CLOSE needs an aggregation by the window of an event-time column',
    hint: noWatermark
      ? 'Declare WATERMARK FOR the time column in CREATE STREAM.'
      : 'Group by window_start, window_end of TUMBLE, HOP, CUMULATE or SESSION, or leave the EMIT clause out.',
  });
}
