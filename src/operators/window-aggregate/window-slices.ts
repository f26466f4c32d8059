import { type Expression, expressionColumns } from '../../expr/index.ts';
import type { PhysicalPlan } from '../../plan/physical/index.ts';
import { calcSpecCodec } from '../calc/spec.ts';
import type { AggregateCallSpec } from '../spec/index.ts';
import { type WindowSpec, windowAssignSpecCodec } from '../window-assign/spec.ts';
import type { WindowSlices } from './spec.ts';

export interface SlicedInput {
  readonly input: PhysicalPlan;
  readonly slices: WindowSlices;
  /** How many leading keys are no window's bounds: rows are routed by them, so that the slices of a window meet. */
  readonly routingKeys: number;
}

/**
 * The input of an aggregation by HOP or CUMULATE windows with its rows assigned to slices instead. Null where the windows do not overlap, rows are taken
 * back, the states of the calls cannot be merged, or there is no key to route by but the window's own.
 */
export function withSlices(input: PhysicalPlan, keyCount: number, calls: readonly AggregateCallSpec[]): SlicedInput | null {
  if (calls.some((call) => call.distinct || call.orderBy.length > 0)) return null;
  if (input.kind !== 'operator' || input.operator.kind !== calcSpecCodec.kind || !input.appendOnly) return null;
  const edge = input.inputs[0]!;
  const assign = edge.plan;
  if (assign.kind !== 'operator' || assign.operator.kind !== windowAssignSpecCodec.kind) return null;
  const { window, timeColumn } = windowAssignSpecCodec.decode(assign.operator.parameters);
  const sliceMicros = sliceOf(window);
  const { predicate, projections } = calcSpecCodec.decode(input.operator.parameters);
  const first = assign.columns.length - 3;
  const keys = projections.slice(0, keyCount);
  const bounds = keys.map((key) => (key.kind === 'column' && key.index >= first ? key.index - first : null));
  const routingKeys = bounds.findIndex((bound) => bound !== null);
  const others = [
    ...projections.filter((_, index) => bounds[index] === undefined || bounds[index] === null),
    ...(predicate === null ? [] : [predicate]),
  ];
  if (
    sliceMicros === null ||
    routingKeys < 1 ||
    bounds.slice(routingKeys).includes(null) ||
    hasTwice(bounds.slice(routingKeys)) ||
    others.some((one) => readsWindow(one, first))
  )
    return null;
  const slice: WindowSpec = { kind: 'tumble', sizeMicros: sliceMicros, offsetMicros: window.offsetMicros };
  const parameters = windowAssignSpecCodec.encode({ timeColumn, window: slice, combine: false });
  const operator = { ...assign.operator, parameters, label: `${assign.operator.label} · slices of ${sliceMicros} us` };
  return {
    input: { ...input, inputs: [{ ...edge, plan: { ...assign, operator } }] },
    slices: { window, startKey: positionOf(0, bounds), timeKey: positionOf(2, bounds) },
    routingKeys,
  };
}

function positionOf(bound: number, bounds: readonly (number | null)[]): number | null {
  const position = bounds.indexOf(bound);
  return position < 0 ? null : position;
}

/** The longest time that divides every border of the windows; null for windows that do not overlap. */
function sliceOf(window: WindowSpec): bigint | null {
  if (window.kind === 'tumble') return null;
  if (window.kind === 'cumulate') return window.stepMicros;
  let [larger, smaller] = [window.sizeMicros, window.slideMicros];
  if (smaller >= larger) return null;
  while (smaller > 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

function hasTwice(values: readonly unknown[]): boolean {
  return new Set(values).size < values.length;
}

function readsWindow(expression: Expression, first: number): boolean {
  return expressionColumns(expression).some((column) => column >= first);
}
