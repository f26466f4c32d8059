import type { Expression } from '../ast/index.ts';
import type { OperatorItem, ParenthesizedContent } from './operator-item.ts';
import { OperatorResolver } from './operator-resolver.ts';
import type { SourceText } from './source-text.ts';

type ExpressionTail = Expression | OperatorItem | readonly (Expression | OperatorItem)[];

/** An expression from its first operand with the prefixes before it and everything behind it. */
export function expressionOf(
  source: SourceText,
  parts: { readonly prefixes: readonly OperatorItem[]; readonly operand: Expression; readonly tail: readonly ExpressionTail[] },
): Expression {
  const { prefixes, operand, tail } = parts;
  if (prefixes.length === 0 && tail.length === 0) return operand;
  const items = [...prefixes, operand, ...tail.flat()] as (Expression | OperatorItem)[];
  return new OperatorResolver(items, source.outerSpans).resolve();
}

/** Parentheses as an operand: a subquery, the expression itself, or a row. */
export function parenthesizedPrimary(source: SourceText, content: ParenthesizedContent): Expression {
  const { query, expressions, span } = content;
  if (query !== null) return { kind: 'scalar-subquery', query, span };
  const [only, ...rest] = expressions;
  if (only === undefined || rest.length > 0) return { kind: 'row', fields: expressions, explicit: false, span };
  source.outerSpans.set(only, span);
  return only;
}

/** Parentheses that began with other parentheses, continued as an expression; a query stays one when nothing follows it. */
export function continueExpression(
  source: SourceText,
  parts: {
    readonly first: ParenthesizedContent;
    readonly steps: readonly ((operand: Expression) => Expression)[];
    readonly tail: readonly ExpressionTail[];
    readonly rest: readonly Expression[];
  },
): Pick<ParenthesizedContent, 'query' | 'expressions'> {
  const { first, steps, tail, rest } = parts;
  if (first.query !== null && steps.length + tail.length + rest.length === 0) return { query: first.query, expressions: [] };
  const operand = steps.reduce((inner, step) => step(inner), parenthesizedPrimary(source, first));
  return { query: null, expressions: [expressionOf(source, { prefixes: [], operand, tail }), ...rest] };
}
