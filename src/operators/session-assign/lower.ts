import { type TimeProgress, timeProgress } from '../../plan/logical/index.ts';
import { CLOSED_WINDOWS_GONE, keyedInput, type Lowering, type StateBound } from '../../plan/physical/index.ts';
import { sessionAssignSpecCodec } from './spec.ts';

/** SESSION as a table function. */
export const lowerSessionAssign: Lowering = {
  operator: 'session-assign',
  lower(plan, context) {
    if (plan.kind !== 'window-assign' || plan.window.kind !== 'session') return null;
    const { gapMicros, partitionBy } = plan.window;
    const input = context.lower(plan.input);
    const closedBy = timeProgress(plan.input, plan.timeColumn);
    const keyed = keyedInput(input, partitionBy);
    const single = partitionBy.length === 0 || input.distribution.kind === 'single';
    const width = input.columns.length;
    const by = partitionBy.map((column) => input.columns[column]!.name);
    const mode = closedBy === null ? 'on-update' : context.emit;
    return {
      kind: 'operator',
      operator: {
        kind: sessionAssignSpecCodec.kind,
        version: sessionAssignSpecCodec.version,
        parameters: sessionAssignSpecCodec.encode({
          timeColumn: plan.timeColumn,
          gapMicros,
          partitionBy,
          partitionKeyCount: keyed.partitionKeyCount,
          mode,
          closedBy,
        }),
        label: `Session ${input.columns[plan.timeColumn]!.name}, ${gapMicros} us${by.length === 0 ? '' : ` by ${by.join(', ')}`} · emit ${mode.replaceAll('-', ' ')}`,
      },
      state: {
        kept: [
          {
            what: 'rows of open sessions',
            key: partitionBy.map((column) => input.columns[column]!),
            columns: input.columns,
            bound: sessionBound(closedBy),
          },
        ],
        content: 'input',
      },
      inputs: [keyed.input],
      parallelism: single ? 'one' : 'all',
      timed: closedBy?.clock === 'epoch',
      ...(closedBy === null ? { showsAgain: true } : { cannotShow: CLOSED_WINDOWS_GONE }),
      columns: plan.fields,
      appendOnly: mode === 'on-window-close',
      net: true,
      distribution: single ? { kind: 'single' } : { kind: 'hash', keys: partitionBy.slice(0, keyed.partitionKeyCount) },
      // A row lies in one session at a time.
      uniqueKeys: input.uniqueKeys,
      window: { start: width, end: width + 1, time: width + 2 },
      latenessMicros: input.latenessMicros,
    };
  },
};

function sessionBound(closedBy: TimeProgress | null): StateBound {
  if (closedBy === null) return { kind: 'content', input: 0, remedy: 'declare WATERMARK FOR the time column, so that sessions close' };
  const clock = closedBy.clock === 'epoch' ? 'epoch time' : 'watermark';
  return { kind: 'time', by: clock, until: 'a session goes when no row can reach it any more' };
}
