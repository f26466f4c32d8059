import { forwardInput, type Lowering, STATELESS } from '../../plan/physical/index.ts';
import { windowAssignSpecCodec } from './spec.ts';

/** TUMBLE, HOP and CUMULATE as table functions. */
export const lowerWindowAssign: Lowering = {
  operator: 'window-assign',
  lower(plan, context) {
    if (plan.kind !== 'window-assign' || plan.window.kind === 'session') return null;
    const { window, timeColumn } = plan;
    const input = context.lower(plan.input);
    const width = input.columns.length;
    const sizes =
      window.kind === 'tumble'
        ? `${window.sizeMicros} us`
        : window.kind === 'hop'
          ? `${window.slideMicros} us, ${window.sizeMicros} us`
          : `${window.stepMicros} us, ${window.sizeMicros} us`;
    return {
      kind: 'operator',
      operator: {
        kind: windowAssignSpecCodec.kind,
        version: windowAssignSpecCodec.version,
        parameters: windowAssignSpecCodec.encode({ timeColumn, window, combine: false }),
        label: `${window.kind[0]!.toUpperCase()}${window.kind.slice(1)} ${input.columns[timeColumn]!.name}, ${sizes}`,
      },
      state: STATELESS,
      inputs: [forwardInput(input)],
      parallelism: input.distribution.kind === 'single' ? 'one' : 'all',
      columns: plan.fields,
      appendOnly: input.appendOnly,
      net: input.net,
      distribution: input.distribution,
      // A row of HOP lies in several windows, told apart by their start.
      uniqueKeys: input.uniqueKeys.map((key) => [...key, width]),
      window: { start: width, end: width + 1, time: width + 2 },
      latenessMicros: input.latenessMicros,
      // A window's end and its last moment are not before the time of any of its rows.
      eventTimes:
        input.eventTimes === undefined ? [] : [...input.eventTimes, ...(input.eventTimes.includes(timeColumn) ? [width + 1, width + 2] : [])],
    };
  },
};
