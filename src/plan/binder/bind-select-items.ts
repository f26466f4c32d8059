import type { Expression } from '../../expr/index.ts';
import type { Expression as AstExpression, SelectItem } from '../../sql/index.ts';
import { bind, type ExpressionScope } from './bind-state.ts';
import { expandStar } from './expand-star.ts';
import { outputName } from './output-name.ts';

/** An output column of a SELECT. */
export interface OutputItem {
  readonly name: string;
  readonly expression: Expression;
  /** Written with AS, or a plain column: what ORDER BY and GROUP BY may call it. */
  readonly node: AstExpression;
  /** How many aggregates, windows and set-returning functions its binding has found: GROUP BY ALL groups by items without any. */
  readonly callCount: number;
}

/** The select list with its stars expanded. */
export function bindSelectItems(items: readonly SelectItem[], scope: ExpressionScope): OutputItem[] {
  return items.flatMap((item): OutputItem[] => {
    const node = item.expression;
    if (node.kind === 'star' || node.kind === 'field-star') {
      return expandStar(node, scope).map((column) => ({ ...column, node, callCount: 0 }));
    }
    const before = callCount(scope);
    const expression = bind(node, scope);
    return [{ name: nameOf(item, expression), expression, node, callCount: callCount(scope) - before }];
  });
}

/** A path of ksqlDB, `a->b`, is named as its last field; written the same, jsonb's operator has no name. */
function nameOf(item: SelectItem, expression: Expression): string {
  const { type } = expression.kind === 'field' ? expression.input : expression;
  if (item.alias !== null || item.expression.kind !== 'binary' || expression.kind !== 'field' || type.kind !== 'row') return outputName(item);
  return type.fields[expression.index]!.name;
}

function callCount(scope: ExpressionScope): number {
  return (scope.aggregates?.calls.length ?? 0) + (scope.overs?.calls.length ?? 0) + (scope.setFunctions?.calls.length ?? 0);
}
