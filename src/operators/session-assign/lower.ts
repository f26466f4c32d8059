import { timeProgress } from '../../plan/logical/index.ts';
import { keyedInput, type Lowering } from '../../plan/physical/index.ts';
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
      inputs: [keyed.input],
      parallelism: single ? 'one' : 'all',
      timed: closedBy?.clock === 'epoch',
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
