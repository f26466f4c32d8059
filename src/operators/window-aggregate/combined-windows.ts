import type { OperatorNode, PhysicalPlan } from '../../plan/physical/index.ts';
import { calcSpecCodec } from '../calc/spec.ts';
import { windowAssignSpecCodec } from '../window-assign/spec.ts';

/**
 * The input of a window aggregation with equal rows of hopping windows combined before they are repeated for every window, where nothing can tell the
 * difference: rows are only added, and the time itself is not read. The aggregates count rows. The rest of the plan stays.
 */
export function withCombinedWindows(input: PhysicalPlan): PhysicalPlan {
  if (input.kind !== 'operator' || input.operator.kind !== calcSpecCodec.kind || !input.appendOnly) return input;
  const edge = input.inputs[0]!;
  const assign = edge.plan;
  if (assign.kind !== 'operator' || assign.operator.kind !== windowAssignSpecCodec.kind) return input;
  const calc = calcSpecCodec.decode(input.operator.parameters);
  const spec = windowAssignSpecCodec.decode(assign.operator.parameters);
  const { window, timeColumn } = spec;
  if (window.kind !== 'hop' || window.sizeMicros % window.slideMicros !== 0n || calc.predicate !== null) return input;
  if (calc.projections.some((expression) => expression.kind !== 'column' || expression.index === timeColumn)) return input;
  const operator = {
    ...assign.operator,
    parameters: windowAssignSpecCodec.encode({ ...spec, combine: true }),
    label: `${assign.operator.label} · equal rows combined`,
  };
  const combined: OperatorNode = { ...assign, operator };
  return { ...input, inputs: [{ ...edge, plan: combined }] };
}
