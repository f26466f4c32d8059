import { SqlError, SqlState } from '../../base/index.ts';
import type { Expression, LiteralExpression } from '../../expr/index.ts';
import {
  closestKey,
  expressionKey,
  type FrameBound,
  keepsInputOrder,
  type OverCall,
  type OverPlan,
  settledProgress,
} from '../../plan/logical/index.ts';
import { type Lowering, type PhysicalPlan, type StateBound, timeBound, ttlBound, ttlText, ttlTraits } from '../../plan/physical/index.ts';
import { int8Type } from '../../types/index.ts';
import { calcNode, passThrough } from '../calc/lower.ts';
import { type OrderedInput, orderedInput, originalOrder } from '../ordering/index.ts';
import { type OverCallSpec, type OverSpec, overSpecCodec } from './spec.ts';

/** Calls with one PARTITION BY and ORDER BY, by their positions in the plan's list. */
interface Window {
  readonly calls: number[];
  readonly partitionBy: OverCall['partitionBy'];
  readonly orderBy: OverCall['orderBy'];
}

/** Window functions: an operator for each window, one above the other. */
export const lowerOver: Lowering = {
  operator: 'over',
  lower(plan, context) {
    if (plan.kind !== 'over') return null;
    for (const call of plan.calls) refuseInputOrder(call, plan);
    const windows = windowsOf(plan);
    const base = context.lower(plan.input);
    const width = base.columns.length;
    const order: number[] = [];
    let current = base;
    for (const [index, window] of windows.entries()) {
      const isLast = index === windows.length - 1;
      current = overNode(current, window, { plan, width, below: windows.slice(0, index), isLast, ttlMs: context.stateTtl(plan.input) });
      order.push(...window.calls);
    }
    // Above the copy numbers of the operators below come the calls, in the order of the windows.
    const columns = passThrough(current);
    const calls = plan.calls.map((_, call) => ({ ...columns[width + order.indexOf(call)]!, name: plan.fields[width + call]!.name }));
    return calcNode(current, null, [...columns.slice(0, width), ...calls]);
  },
};

function windowsOf({ calls }: OverPlan): readonly Window[] {
  const windows = new Map<string, Window>();
  for (const [index, { partitionBy, orderBy }] of calls.entries()) {
    const order = orderBy.map((key) => [expressionKey(key.expression), key.descending, key.nullsFirst]);
    const key = JSON.stringify([partitionBy.map(expressionKey), order]);
    const known = windows.get(key);
    if (known === undefined) windows.set(key, { calls: [index], partitionBy, orderBy });
    else known.calls.push(index);
  }
  return [...windows.values()];
}

interface Place {
  readonly plan: OverPlan;
  /** Columns of the plan's input. What comes behind them has been added by windows below, the number of the copy last. */
  readonly width: number;
  readonly below: readonly Window[];
  readonly isLast: boolean;
  readonly ttlMs: number | null;
}

function overNode(input: PhysicalPlan, window: Window, { plan, width, below, isLast, ttlMs }: Place): PhysicalPlan {
  const isFirst = below.length === 0;
  const calls = window.calls.map((call) => plan.calls[call]!);
  const others = calls.flatMap((call) => [...call.args, ...(call.filter === null ? [] : [call.filter])]);
  const ordered = orderedInput(input, { partitionBy: window.partitionBy, orderBy: window.orderBy, others });
  const { position, partitionCount, orderBy, keyed } = ordered;
  const copy = isFirst ? [] : [position.at(-1)!];
  const expiry = expiryOf(plan, window, below);
  const spec: OverSpec = {
    partitionCount,
    partitionKeyCount: keyed.partitionKeyCount,
    orderBy,
    tieBy: [...position.slice(0, width), ...copy],
    calls: callSpecs(calls, ordered.others),
    numberCopies: isFirst && !isLast,
    expiry,
    stateTtlMs: partitionCount === 0 || expiry !== null ? null : ttlMs,
  };
  const names = window.calls.map((call) => plan.fields[width + call]!.name);
  const added = spec.numberCopies ? [...names, 'copy'] : names;
  const node = operatorNode(spec, ordered, added);
  const inputNames = input.columns.map((column) => column.name);
  const restored = originalOrder(node, ordered, inputNames, added);
  return isFirst ? restored : copyLast(restored, input.columns.length - 1);
}

/**
 * A partition whose key follows a clock is done for when that has passed it: neither its rows change any more, nor what windows below have added to them,
 * if those are partitioned by the key, too.
 */
function expiryOf({ input }: OverPlan, { partitionBy }: Window, below: readonly Window[]): OverSpec['expiry'] {
  const isKeyOfAll = (key: Expression): boolean =>
    below.every((window) => window.partitionBy.some((other) => expressionKey(other) === expressionKey(key)));
  const timed = closestKey(partitionBy, (place) => {
    const key = partitionBy[place]!;
    return key.kind === 'column' && isKeyOfAll(key) ? settledProgress(input, key.index) : null;
  });
  if (timed === null) return null;
  // Equal keys are one column, so those behind them stand further in front.
  const different = new Set(partitionBy.slice(0, timed.key).map(expressionKey));
  return { column: different.size, ...timed.progress };
}

/** The number of the copy behind what was added last. */
function copyLast(plan: PhysicalPlan, copy: number): PhysicalPlan {
  const columns = passThrough(plan);
  return calcNode(plan, null, [...columns.slice(0, copy), ...columns.slice(copy + 1), columns[copy]!]);
}

function callSpecs(calls: readonly OverCall[], others: readonly number[]): OverCallSpec[] {
  let next = 0;
  return calls.map((call) => ({
    function: call.function,
    args: call.args.map(() => others[next++]!),
    filter: call.filter === null ? null : others[next++]!,
    frame: { ...call.frame, start: boundSpec(call.frame.start), end: boundSpec(call.frame.end) },
    type: call.type,
  }));
}

function boundSpec({ kind, offset }: FrameBound): OverCallSpec['frame']['start'] {
  return { kind, offset: offset === null ? null : constant(offset) };
}

function constant(offset: Expression): LiteralExpression {
  if (offset.kind === 'literal') return offset;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: 'the offset of a frame in a continuous query must be a constant',
    position: offset.span?.start,
  });
}

function operatorNode(spec: OverSpec, { plan, keyed, partitionCount }: OrderedInput, added: readonly string[]): PhysicalPlan {
  const keys = Array.from({ length: partitionCount }, (_, index) => index);
  const single = partitionCount === 0 || plan.distribution.kind === 'single';
  const types = [...spec.calls.map((call) => call.type), ...(spec.numberCopies ? [int8Type] : [])];
  const isNumber = ({ function: called }: OverCallSpec): boolean => called.kind === 'window' && called.name === 'row_number';
  const numberKeys = spec.calls.flatMap((call, index) => (isNumber(call) ? [[...keys, plan.columns.length + index]] : []));
  return {
    kind: 'operator',
    operator: { kind: overSpecCodec.kind, version: overSpecCodec.version, parameters: overSpecCodec.encode(spec), label: labelOf(spec, plan, added) },
    state: {
      kept: [
        {
          what: 'rows of each partition with their results',
          key: plan.columns.slice(0, partitionCount),
          columns: [...plan.columns.slice(partitionCount), ...added.map((name, index) => ({ name, type: types[index]! }))],
          bound: boundOf(spec, plan),
        },
      ],
      content: spec.stateTtlMs == null ? 'input' : 'time',
    },
    inputs: [keyed.input],
    parallelism: single ? 'one' : 'all',
    columns: [...plan.columns, ...added.map((name, index) => ({ name, type: types[index]! }))],
    appendOnly: false,
    net: true,
    distribution: single ? { kind: 'single' } : { kind: 'hash', keys: keys.slice(0, keyed.partitionKeyCount) },
    uniqueKeys: [...plan.uniqueKeys, ...numberKeys],
    window: plan.window,
    latenessMicros: plan.latenessMicros,
    // A row changes with those of its partition.
    eventTimes: (plan.eventTimes ?? []).filter((column) => column < partitionCount),
    ...(spec.expiry === null
      ? { showsAgain: spec.stateTtlMs == null }
      : { cannotShow: 'partitions that time has passed are not in its state any more' }),
    ...(spec.stateTtlMs != null && ttlTraits(spec.stateTtlMs)),
  };
}

function boundOf({ expiry, stateTtlMs }: OverSpec, plan: PhysicalPlan): StateBound {
  if (stateTtlMs != null) return ttlBound('a partition', stateTtlMs);
  if (expiry !== null) return timeBound(expiry, 'a partition', plan.columns[expiry.column]!.name);
  const remedy = 'keep only the first rows of a partition with WHERE row_number <= n, aggregate by a window, or add its end to PARTITION BY';
  return { kind: 'content', input: 0, remedy };
}

function labelOf({ partitionCount, orderBy, calls, stateTtlMs }: OverSpec, plan: PhysicalPlan, added: readonly string[]): string {
  const names = plan.columns.map((column) => column.name);
  const partition = partitionCount === 0 ? '' : ` of each ${names.slice(0, partitionCount).join(', ')}`;
  const order = orderBy.length === 0 ? '' : ` by ${orderBy.map((key) => `${names[key.column]!}${key.descending ? ' desc' : ''}`).join(', ')}`;
  return `Over${partition}${order} · ${added.slice(0, calls.length).join(', ')}${ttlText(stateTtlMs ?? null)}`;
}

/** Functions and frames for which the order of peers is no matter. */
const ORDERLESS = new Set(['rank', 'dense_rank', 'percent_rank', 'cume_dist']);

/** A view has no order of rows a window without ORDER BY could take over from an ordered subquery. */
function refuseInputOrder(call: OverCall, { input }: OverPlan): void {
  if (!keepsInputOrder(call, input)) return;
  const { function: called, frame } = call;
  const orderless = called.kind === 'window' ? ORDERLESS.has(called.name) : frame.unit !== 'rows' && !/_agg\(/.test(called.signature);
  if (orderless) return;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: 'a window of a continuous query cannot take its order from an ordered subquery',
    hint: 'Write the ORDER BY inside OVER.',
  });
}
