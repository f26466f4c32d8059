import { SqlError, SqlState } from '../../base/index.ts';
import type { Expression } from '../../expr/index.ts';
import {
  type Expression as AstExpression,
  type FunctionCall,
  foldIdentifier,
  type GroupingElement,
  type Select,
  type Span,
  type StreamWindow,
} from '../../sql/index.ts';
import { intervalType } from '../../types/index.ts';
import { eventTimeColumn, type LogicalPlan, type WindowAssignPlan, type WindowShape } from '../logical/index.ts';
import { bind, type GroupWindow, plainScope, type QueryEnvironment } from './bind-state.ts';
import { assignWindow, timeColumnOf } from './bind-window-table-function.ts';
import { notSupported, syntaxError } from './binder-error.ts';
import { constantMicros } from './constant-value.ts';
import { isGroupWindowCall } from './group-window-call.ts';
import { resolveOperator } from './resolve-call.ts';
import { type BoundFrom, columnOf, type ScopeColumn } from './row-scope.ts';
import { sessionKeys } from './session-keys.ts';

interface WindowedFrom {
  readonly from: BoundFrom;
  readonly groupWindow: GroupWindow | null;
  /** Keys the window adds to GROUP BY. */
  readonly implicitKeys: readonly Expression[];
}

/**
 * Windows that are not written in FROM: `GROUP BY TUMBLE(ts, INTERVAL …)` of Flink, `GROUP BY TUMBLE(INTERVAL …)` of Arroyo, and `WINDOW
 * TUMBLING (…)` of ksqlDB. All become the node of the table function.
 */
export function applyGroupWindow(from: BoundFrom, select: Select, environment: QueryEnvironment): WindowedFrom {
  if (select.streamWindow !== null) return streamWindow(from, select.streamWindow, select, environment);
  const call = findCall(select.groupBy?.elements ?? []);
  if (call === null) return { from, groupWindow: null, implicitKeys: [] };
  const name = foldIdentifier(call.name.parts[0]!).toLowerCase();
  const args = call.arguments.map((argument) => argument.value);
  const timeFirst = args[0] !== undefined && isColumn(args[0]);
  const timeColumn = timeFirst
    ? timeColumnOf(bind(args[0]!, plainScope(environment, from.row, 'GROUP BY')), args[0]!.span)
    : watermarkColumn(from.plan, call);
  const durations = timeFirst ? args.slice(1) : args;
  if (name !== 'session') return assigned(from, assignWindow(from.plan, shapeOf(name, call, durations, environment), timeColumn));
  if (durations[0] === undefined) throw syntaxError('SESSION needs a gap', call.span);
  const gapMicros = constantMicros(durations[0], 'the window gap', environment);
  return sessionWindow(from, { gapMicros, timeColumn, span: call.span }, select, environment);
}

interface SessionCall {
  readonly gapMicros: bigint;
  readonly timeColumn: number;
  readonly span: Span;
}

/** Each key of GROUP BY has sessions of its own. */
function sessionWindow(from: BoundFrom, session: SessionCall, select: Select, environment: QueryEnvironment): WindowedFrom {
  const keys = sessionKeys(select, { from, environment, span: session.span });
  const width = from.plan.fields.length;
  const computed = keys.filter((key) => key.kind !== 'column');
  const partitionBy = keys.map((key) => (key.kind === 'column' ? key.index : width + computed.indexOf(key)));
  const input = computed.length === 0 ? from : withColumns(from, computed);
  const window: WindowShape = { kind: 'session', gapMicros: session.gapMicros, partitionBy };
  return assigned(input, assignWindow(input.plan, window, session.timeColumn));
}

function withColumns(from: BoundFrom, added: readonly Expression[]): BoundFrom {
  const width = from.plan.fields.length;
  const fields = [...from.plan.fields, ...added.map((expression, index) => ({ name: `key${index}`, type: expression.type }))];
  const expressions = [...from.plan.fields.map((field, index) => columnOf(index, field)), ...added];
  return { plan: { kind: 'project', input: from.plan, expressions, fields }, row: { ...from.row, width: width + added.length } };
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
      throw notSupported(`${name.toUpperCase()} in GROUP BY is not supported`, call.span);
  }
}

/** The event-time column where none is named. */
function watermarkColumn(plan: LogicalPlan, node: { readonly span: Span }): number {
  const column = eventTimeColumn(plan);
  if (column !== null) return column;
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

/** Where no time is declared, that of the message. */
function messageTime({ plan, row }: BoundFrom): number | null {
  const [first, ...others] = row.relations;
  const time = first?.arrival?.rowtime?.expression;
  return eventTimeColumn(plan) === null && others.length === 0 && time?.kind === 'column' ? time.index : null;
}

/** ksqlDB's clause; its columns are WINDOWSTART and WINDOWEND. */
function streamWindow(from: BoundFrom, window: StreamWindow, select: Select, environment: QueryEnvironment): WindowedFrom {
  const sizeMicros = constantMicros(window.size, 'the window size', environment);
  const timeColumn = messageTime(from) ?? watermarkColumn(from.plan, window);
  const built =
    window.type === 'session'
      ? sessionWindow(from, { gapMicros: sizeMicros, timeColumn, span: window.span }, select, environment)
      : assigned(from, assignWindow(from.plan, gridOf(window, sizeMicros, environment), timeColumn));
  const { start, end } = built.groupWindow!;
  // ksqlDB's sessions end with their last row.
  const gap: Expression = { kind: 'literal', type: intervalType, value: { months: 0, days: 0, micros: sizeMicros }, span: window.span };
  const windowEnd = window.type === 'session' ? resolveOperator('-', [end, gap], window.span, environment.state) : end;
  const columns = [...built.from.row.columns, { name: 'windowstart', expression: start }, { name: 'windowend', expression: windowEnd }];
  return { ...built, from: { plan: built.from.plan, row: { ...built.from.row, columns } } };
}

function gridOf(window: StreamWindow, sizeMicros: bigint, environment: QueryEnvironment): WindowShape {
  if (window.type === 'tumbling') return { kind: 'tumble', sizeMicros, offsetMicros: 0n };
  const slideMicros = constantMicros(window.advance ?? window.size, 'the window advance', environment);
  return { kind: 'hop', slideMicros, sizeMicros, offsetMicros: 0n };
}
