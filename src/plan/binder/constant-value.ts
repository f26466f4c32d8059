import { SqlError, SqlState } from '../../base/index.ts';
import { compileRowInterpreter, type Expression, visitExpression } from '../../expr/index.ts';
import type * as ast from '../../sql/index.ts';
import { type Datum, type Interval, intervalType, type SqlType } from '../../types/index.ts';
import { bind, plainScope, type QueryEnvironment } from './bind-state.ts';
import { datatypeMismatch, notSupported, typeText } from './binder-error.ts';
import { coerce } from './coercion.ts';
import { emptyRow } from './row-scope.ts';

const MICROS_PER_DAY = 86_400_000_000n;

/** The value of an expression that reads no row, at bind time. Errors: 42804, 0A000 for parameters and subqueries. */
export function constantValue(node: ast.Expression, type: SqlType, what: string, environment: QueryEnvironment): Datum | null {
  const bound = bind(node, plainScope({ ...environment, outer: null }, emptyRow, what));
  const expression = coerce(bound, type, 'implicit', environment.state);
  if (expression === null) throw datatypeMismatch(`${what} must be type ${typeText(type)}, not type ${typeText(bound.type)}`, node.span);
  refuseRowInput(expression, what, node);
  return compileRowInterpreter(expression, environment.state.context.functions.lookup)([], environment.state.context.evaluation);
}

function refuseRowInput(expression: Expression, what: string, node: ast.Expression): void {
  visitExpression(expression, (part) => {
    if (part.kind === 'parameter' || part.kind === 'subquery') throw notSupported(`${what} must be a constant`, node.span);
  });
}

/** A fixed length of time in microseconds. Errors: 22023 when negative (or zero unless allowed), 0A000 for months. */
export function constantMicros(
  node: ast.Expression,
  what: string,
  environment: QueryEnvironment,
  minimum: 'positive' | 'any' | 'zero' = 'positive',
): bigint {
  const interval = constantValue(node, intervalType, what, environment) as Interval | null;
  const invalid = (message: string): SqlError => new SqlError({ code: SqlState.invalidParameterValue, message, position: node.span.start });
  if (interval === null) throw invalid(`${what} must not be null`);
  if (interval.months !== 0) {
    throw notSupported(`${what} cannot hold months or years, whose length varies`, node.span, 'Use days, hours, minutes or seconds.');
  }
  const micros = BigInt(interval.days) * MICROS_PER_DAY + interval.micros;
  if (minimum === 'positive' && micros <= 0n) throw invalid(`${what} must be greater than zero`);
  if (minimum === 'zero' && micros < 0n) throw invalid(`${what} must not be negative`);
  return micros;
}
