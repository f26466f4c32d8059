import { SqlError, SqlState } from '../../base/index.ts';
import type { Expression } from '../../expr/index.ts';
import type { Join, JoinWithin, Span } from '../../sql/index.ts';
import { type Interval, intervalType } from '../../types/index.ts';
import { eventTimeColumn, type LogicalPlan, planInputs } from '../logical/index.ts';
import { conjunction, toBoolean } from './bind-predicate.ts';
import { bind, type ExpressionScope } from './bind-state.ts';
import { notSupported } from './binder-error.ts';
import { mustCoerce } from './coercion.ts';
import { resolveOperator } from './resolve-call.ts';
import { columnOf } from './row-scope.ts';

interface WithinParts {
  readonly node: Join;
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
  readonly within: JoinWithin;
}

/**
 * ksqlDB's WITHIN as a condition on the event times of the sides (its ROWTIME): the right row at most `before` earlier than the left one and at most
 * `after` later. Errors: 42P17 for a side without event time, 0A000 for a GRACE PERIOD that would drop rows the relation still takes.
 */
export function withinCondition({ node, left, right, within }: WithinParts, scope: ExpressionScope): Expression {
  const { state } = scope;
  const { span } = within;
  const one = rowTime(left, 'left', span);
  const other = eventTime(rowTime(right, 'right', span), left.fields.length);
  const [before, after] = [within.before, within.after].map((length) => mustCoerce(bind(length, scope), intervalType, 'implicit', state));
  if (within.grace !== null) {
    const grace = mustCoerce(bind(within.grace, scope), intervalType, 'implicit', state);
    refuseShortGrace([left, right], [before!, after!, grace], within.grace.span);
  }
  const compare = (symbol: string, bound: Expression): Expression => toBoolean(resolveOperator(symbol, [other, bound], span, state), 'WITHIN', state);
  const conditions = [
    compare('>=', resolveOperator('-', [one, before!], span, state)),
    compare('<=', resolveOperator('+', [one, after!], span, state)),
  ];
  return conjunction(conditions, 'and', node.span);
}

function rowTime(plan: LogicalPlan, side: 'left' | 'right', span: Span): ReturnType<typeof columnOf> {
  const column = eventTimeColumn(plan);
  if (column !== null) return columnOf(column, plan.fields[column]!);
  throw new SqlError({
    code: SqlState.invalidObjectDefinition,
    message: `the ${side} side of JOIN … WITHIN has no event time`,
    hint: 'Declare WATERMARK FOR on a time column of the stream. A table is joined without WITHIN.',
    position: span.start,
  });
}

function eventTime(column: ReturnType<typeof columnOf>, width: number): Expression {
  return { ...column, index: column.index + width };
}

/** GRACE PERIOD has nothing to drop when no relation takes rows that are later than it and the longer half of the window. */
function refuseShortGrace(sides: readonly LogicalPlan[], [before, after, grace]: readonly Expression[], span: Span): void {
  const lengths = [before, after, grace].map(microsOf);
  if (lengths.some((micros) => micros === null)) throw notSupported('GRACE PERIOD needs constant times', span);
  const [back, ahead, allowed] = lengths as [bigint, bigint, bigint];
  if (sides.every((side) => mayComeWithin(side, allowed + back) || mayComeWithin(side, allowed + ahead))) return;
  throw notSupported(
    'a GRACE PERIOD shorter than what the WATERMARK of a side allows is not supported',
    span,
    'How late a row may be is declared once, with the stream: shorten its WATERMARK or LATENESS.',
  );
}

/** No stream below takes a row that is further behind its newest one. */
function mayComeWithin(plan: LogicalPlan, micros: bigint): boolean {
  if (plan.kind !== 'scan') return planInputs(plan).every((input) => mayComeWithin(input, micros));
  const { watermark } = plan.relation;
  return watermark === null || watermark.delayMicros + watermark.latenessMicros <= micros;
}

/** Microseconds of a constant interval without months. */
function microsOf(expression: Expression | undefined): bigint | null {
  if (expression?.kind !== 'literal' || expression.value === null) return null;
  const { months, days, micros } = expression.value as Interval;
  return months === 0 ? BigInt(days) * 86_400_000_000n + micros : null;
}
