import { SqlError, SqlState } from '../../base/index.ts';
import type { Expression } from '../../expr/index.ts';
import {
  type Expression as AstExpression,
  type FunctionCall,
  foldIdentifier,
  type GroupingElement,
  type Select,
  type StreamWindow,
} from '../../sql/index.ts';
import type { LogicalPlan, WindowAssignPlan, WindowShape } from '../logical/index.ts';
import { bind, type GroupWindow, plainScope, type QueryEnvironment } from './bind-state.ts';
import { assignWindow, timeColumnOf } from './bind-window-table-function.ts';
import { notSupported, syntaxError } from './binder-error.ts';
import { constantMicros } from './constant-value.ts';
import { isGroupWindowCall } from './group-window-call.ts';
import { type BoundFrom, columnOf, type ScopeColumn } from './row-scope.ts';

interface WindowedFrom {
  readonly from: BoundFrom;
  readonly groupWindow: GroupWindow | null;
  /** Keys the window adds to GROUP BY. */
  readonly implicitKeys: readonly Expression[];
}

/**
 * Windows that are not written in FROM: `GROUP BY TUMBLE(ts, INTERVAL …)` of Flink, `GROUP BY TUMBLE(INTERVAL …)` of Arroyo, and `WINDOW
 * TUMBLING (…)` of ksqlDB. All become the node of the table function (semantics.md 3).
 */
export function applyGroupWindow(from: BoundFrom, select: Select, environment: QueryEnvironment): WindowedFrom {
  if (select.streamWindow !== null) return streamWindow(from, select.streamWindow, environment);
  const call = findCall(select.groupBy?.elements ?? []);
  if (call === null) return { from, groupWindow: null, implicitKeys: [] };
  const name = foldIdentifier(call.name.parts[0]!).toLowerCase();
  const args = call.arguments.map((argument) => argument.value);
  const timeFirst = args[0] !== undefined && isColumn(args[0]);
  const timeColumn = timeFirst
    ? timeColumnOf(bind(args[0]!, plainScope(environment, from.row, 'GROUP BY')), args[0]!.span)
    : watermarkColumn(from.plan, call);
  const shape = shapeOf(name, call, timeFirst ? args.slice(1) : args, environment);
  return assigned(from, assignWindow(from.plan, shape, timeColumn));
}

function isColumn(node: AstExpression): boolean {
  return node.kind === 'column-reference' || node.kind === 'field-access' || node.kind === 'descriptor';
}

function findCall(elements: readonly GroupingElement[]): FunctionCall | null {
  let found: FunctionCall | null = null;
  for (const element of elements) {
    if (element.kind === 'grouping-sets') continue;
    for (const node of element.expressions) {
      if (!isGroupWindowCall(node)) continue;
      if (found !== null) throw notSupported('only one window is supported in GROUP BY', node.span);
      found = node;
    }
  }
  return found;
}

function shapeOf(name: string, call: FunctionCall, args: readonly AstExpression[], environment: QueryEnvironment): WindowShape {
  const duration = (index: number, what: string): bigint => {
    const node = args[index];
    if (node === undefined) throw syntaxError(`${name.toUpperCase()} needs a ${what}`, call.span);
    return constantMicros(node, `the window ${what}`, environment);
  };
  switch (name) {
    case 'tumble':
      return { kind: 'tumble', sizeMicros: duration(0, 'size'), offsetMicros: 0n };
    case 'hop':
      return { kind: 'hop', slideMicros: duration(0, 'slide'), sizeMicros: duration(1, 'size'), offsetMicros: 0n };
    case 'cumulate':
      return { kind: 'cumulate', stepMicros: duration(0, 'step'), sizeMicros: duration(1, 'size'), offsetMicros: 0n };
    default:
      throw notSupported('SESSION in GROUP BY is not supported', call.span, 'Use FROM SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), gap).');
  }
}

/** The event-time column where none is named: that of the one relation with a watermark. */
function watermarkColumn(plan: LogicalPlan, node: { readonly span: { readonly start: number; readonly end: number } }): number {
  const scan = plan.kind === 'filter' ? plan.input : plan;
  if (scan.kind === 'scan' && scan.relation.watermark !== null) return scan.relation.watermark.column;
  throw new SqlError({
    code: SqlState.datatypeMismatch,
    message: 'the window needs an event-time column',
    hint: 'Declare WATERMARK FOR a column of the stream, or name the column: TUMBLE(ts, INTERVAL …).',
    position: node.span.start,
  });
}

function assigned(from: BoundFrom, plan: WindowAssignPlan): WindowedFrom {
  const width = from.plan.fields.length;
  const [start, end, time] = plan.fields.slice(width).map((field, index) => columnOf(width + index, field)) as [Expression, Expression, Expression];
  const names: ScopeColumn[] = [
    { name: 'window_start', expression: start },
    { name: 'window_end', expression: end },
    { name: 'window_time', expression: time },
  ];
  const known = new Set(from.row.columns.map((column) => column.name));
  const row = { ...from.row, width: width + 3, columns: [...from.row.columns, ...names.filter((column) => !known.has(column.name))] };
  return { from: { plan, row }, groupWindow: { start, end, time }, implicitKeys: [start, end, time] };
}

function streamWindow(from: BoundFrom, window: StreamWindow, environment: QueryEnvironment): WindowedFrom {
  if (window.type === 'session')
    throw notSupported('WINDOW SESSION is not supported', window.span, 'Use FROM SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), gap).');
  const sizeMicros = constantMicros(window.size, 'the window size', environment);
  const shape: WindowShape =
    window.type === 'tumbling'
      ? { kind: 'tumble', sizeMicros, offsetMicros: 0n }
      : { kind: 'hop', slideMicros: constantMicros(window.advance ?? window.size, 'the window advance', environment), sizeMicros, offsetMicros: 0n };
  const built = assigned(from, assignWindow(from.plan, shape, watermarkColumn(from.plan, window)));
  const { start, end } = built.groupWindow!;
  const columns = [...built.from.row.columns, { name: 'windowstart', expression: start }, { name: 'windowend', expression: end }];
  return { ...built, from: { plan: built.from.plan, row: { ...built.from.row, columns } } };
}
