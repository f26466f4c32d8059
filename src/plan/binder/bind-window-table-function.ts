import { SqlError, SqlState } from '../../base/index.ts';
import type { Expression } from '../../expr/index.ts';
import type { Expression as AstExpression, ColumnReference, Span, TableArgument, WindowTableFunction } from '../../sql/index.ts';
import type { Field, LogicalPlan, WindowAssignPlan, WindowShape } from '../logical/index.ts';
import { bindRelationName } from './bind-relation.ts';
import { bind, plainScope, type QueryEnvironment, revealLateral } from './bind-state.ts';
import { datatypeMismatch, notSupported, typeText } from './binder-error.ts';
import { constantMicros } from './constant-value.ts';
import type { BoundFrom, RowScope } from './row-scope.ts';
import { aliasPlan } from './table-alias.ts';

/** TUMBLE, HOP, CUMULATE and SESSION in FROM: the input's columns and window_start, window_end, window_time. */
export function bindWindowTableFunction(item: WindowTableFunction, environment: QueryEnvironment): BoundFrom {
  const input = bindTableArgument(item.input, item.lateral ? revealLateral(environment) : environment);
  const what = `the ${item.function.toUpperCase()} window`;
  if (item.input.partitionBy.length > 0 && item.function !== 'session')
    throw notSupported(`PARTITION BY is not supported in ${what}`, item.input.span);
  if (item.input.orderBy.length > 0) throw notSupported(`ORDER BY is not supported in ${what}`, item.input.span);
  const partitionBy = item.input.partitionBy.map((key) => plainColumn(key, input.row, environment));
  const shape = bindShape(item, { partitionBy, environment });
  const timeColumn = bindTimeColumn(item.timeColumn, input.row, environment);
  const plan = assignWindow(input.plan, shape, timeColumn);
  const name = input.row.relations[0]?.alias ?? item.function;
  return aliasPlan({ plan, name, schema: input.row.relations[0]?.schema ?? null, alias: item.alias });
}

function bindTableArgument(argument: TableArgument, environment: QueryEnvironment): BoundFrom {
  if (argument.source.kind === 'qualified-name') return bindRelationName(argument.source, null, environment);
  const plan = environment.state.binders.query(argument.source, environment);
  return aliasPlan({ plan, name: 'unnamed_subquery', schema: null, alias: null });
}

/** The node that adds the three columns. */
export function assignWindow(input: LogicalPlan, window: WindowShape, timeColumn: number): WindowAssignPlan {
  const { type } = input.fields[timeColumn]!;
  const added: Field[] = ['window_start', 'window_end', 'window_time'].map((name) => ({ name, type }));
  return { kind: 'window-assign', input, window, timeColumn, fields: [...input.fields, ...added] };
}

function plainColumn(node: AstExpression, row: RowScope, environment: QueryEnvironment): number {
  const bound = bind(node, plainScope(environment, row, 'PARTITION BY'));
  if (bound.kind !== 'column') throw notSupported('PARTITION BY of a window takes columns only', node.span);
  return bound.index;
}

function bindTimeColumn(node: ColumnReference, row: RowScope, environment: QueryEnvironment): number {
  return timeColumnOf(bind(node, plainScope(environment, row, 'DESCRIPTOR')), node.span);
}

/** The position of an event-time column. Errors: 42804 for any other type. */
export function timeColumnOf(bound: Expression, span: Span): number {
  if (bound.type.kind !== 'timestamp' && bound.type.kind !== 'timestamptz') {
    throw datatypeMismatch(
      `the time column of a window must be a timestamp, not ${typeText(bound.type)}`,
      span,
      'Name the column of the WATERMARK clause, or a computed column that converts to timestamp.',
    );
  }
  if (bound.kind !== 'column') throw notSupported('the time column of a window must be a column', span, 'Make it a column of a subquery first.');
  return bound.index;
}

interface ShapePlace {
  readonly partitionBy: readonly number[];
  readonly environment: QueryEnvironment;
}

function bindShape(item: WindowTableFunction, place: ShapePlace): WindowShape {
  const { environment } = place;
  const duration = (node: AstExpression | null, what: string): bigint => {
    if (node === null) throw missing(item, what);
    return constantMicros(node, `the window ${what}`, environment);
  };
  const offsetMicros = item.offset === null ? 0n : constantMicros(item.offset, 'the window offset', environment, 'any');
  switch (item.function) {
    case 'tumble':
      return { kind: 'tumble', sizeMicros: duration(item.size, 'size'), offsetMicros };
    case 'hop':
      return { kind: 'hop', slideMicros: duration(item.slide, 'slide'), sizeMicros: duration(item.size, 'size'), offsetMicros };
    case 'cumulate': {
      const shape = { kind: 'cumulate', stepMicros: duration(item.step, 'step'), sizeMicros: duration(item.size, 'size'), offsetMicros } as const;
      if (shape.sizeMicros % shape.stepMicros !== 0n) throw invalidShape('the window size must be a multiple of the step', item);
      return shape;
    }
    case 'session':
      return { kind: 'session', gapMicros: duration(item.gap, 'gap'), partitionBy: place.partitionBy };
  }
}

function missing(item: WindowTableFunction, what: string): SqlError {
  return new SqlError({
    code: SqlState.syntaxError,
    message: `${item.function.toUpperCase()} needs a ${what}`,
    position: item.span.start,
  });
}

function invalidShape(message: string, item: WindowTableFunction): SqlError {
  return new SqlError({ code: SqlState.invalidParameterValue, message, position: item.span.start });
}
