import { SqlError, SqlState } from '../../base/index.ts';
import { type Expression, visitExpression } from '../../expr/index.ts';
import { type LogicalPlan, momentCall, planExpressions, planInputs, splitTemporalFilter } from '../../plan/index.ts';

/** Errors: 0A000, with its place, for what no continuous query can hold: a function of the moment outside of a filter's bound, a subquery inside an expression. */
export function refuseUnstable(plan: LogicalPlan): void {
  const expressions = plan.kind === 'filter' ? splitTemporalFilter(plan.predicate).rest : planExpressions(plan);
  for (const expression of expressions) {
    visitExpression(expression, refuseSubquery);
    refuseMoment(expression);
  }
  for (const input of planInputs(plan)) refuseUnstable(input);
}

function refuseSubquery(node: Expression): void {
  if (node.kind !== 'subquery') return;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: 'a continuous query cannot contain this subquery',
    hint: 'Subqueries become joins, but not where a LIMIT is no constant, nor in the condition of a FULL JOIN: join with the relation instead.',
    position: node.span?.start,
  });
}

/** A view that says what time it is would change without any input changing; only a filter by the present is kept up to date. */
function refuseMoment(expression: Expression): void {
  const call = momentCall(expression);
  if (call === null) return;
  const name = call.signature.slice(0, call.signature.indexOf('('));
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `a continuous query can call ${name}() only to filter by it`,
    hint: "Compare a timestamp with now() plus or minus a fixed interval: WHERE ts > now() - INTERVAL '1 day'. proctime() is the time a row was processed.",
    position: call.span?.start,
  });
}
