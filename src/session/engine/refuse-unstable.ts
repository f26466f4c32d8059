import { SqlError, SqlState } from '../../base/index.ts';
import { type Expression, visitExpression } from '../../expr/index.ts';
import { type LogicalPlan, planExpressions, planInputs } from '../../plan/index.ts';

/** Functions of the moment. A view that calls one changes without any input changing, which needs rows to be taken back as time goes by. */
const MOMENT = /^(now|current_timestamp|localtimestamp|current_date|current_time|localtime|transaction_timestamp|statement_timestamp)\(/;

/** Errors: 0A000, with its place, for what no continuous query can hold yet: a function of the moment, a subquery inside an expression. */
export function refuseUnstable(plan: LogicalPlan): void {
  for (const expression of planExpressions(plan)) visitExpression(expression, refuseNode);
  for (const input of planInputs(plan)) refuseUnstable(input);
}

function refuseNode(node: Expression): void {
  if (node.kind === 'subquery') {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: 'a continuous query cannot contain this subquery',
      hint: 'Subqueries become joins, but not where a LIMIT is no constant or () is among GROUPING SETS: join with the relation instead.',
      position: node.span?.start,
    });
  }
  if (node.kind !== 'call' || !MOMENT.test(node.signature)) return;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `a continuous query cannot call ${node.signature.slice(0, node.signature.indexOf('('))}() yet`,
    hint: 'proctime() is the time a row is processed, fixed with its epoch; filters on the present work in a one-time SELECT.',
    position: node.span?.start,
  });
}
