import type { Expression } from '../../expr/index.ts';
import type * as ast from '../../sql/index.ts';
import { boolType, type SqlType, textType } from '../../types/index.ts';
import { compareRows, isRowConstructor } from './bind-row-comparison.ts';
import { type BindState, bind, type ExpressionScope } from './bind-state.ts';
import { datatypeMismatch, typeText } from './binder-error.ts';
import { coerce, mustCoerce, resolveUnknown } from './coercion.ts';
import { findCommonType } from './common-type.ts';
import { operatorSignature, resolveOperator } from './resolve-call.ts';

/** Brings a condition to boolean. Errors: 42804 `argument of WHERE must be type boolean, not type integer`. */
export function toBoolean(expression: Expression, clause: string, state: BindState): Expression {
  const condition = expression.type.kind === 'bool' ? expression : coerce(expression, boolType, 'implicit', state);
  if (condition === null) {
    throw datatypeMismatch(`argument of ${clause} must be type boolean, not type ${typeText(expression.type)}`, expression.span);
  }
  return condition;
}

export function negate(expression: Expression, span: ast.Span): Expression {
  return { kind: 'logical', operator: 'not', args: [expression], type: boolType, span };
}

export function conjunction(args: readonly Expression[], operator: 'and' | 'or', span?: ast.Span): Expression {
  return args.length === 1 ? args[0]! : { kind: 'logical', operator, args, type: boolType, span };
}

export function bindLogical(node: ast.LogicalExpression, scope: ExpressionScope): Expression {
  const args = node.operands.map((operand) => toBoolean(bind(operand, scope), node.operator.toUpperCase(), scope.state));
  return { kind: 'logical', operator: node.operator, args, type: boolType, span: node.span };
}

export function bindNot(node: ast.NotExpression, scope: ExpressionScope): Expression {
  return negate(toBoolean(bind(node.operand, scope), 'NOT', scope.state), node.span);
}

/** IS TRUE and its kin are COALESCE of the value with what NULL counts as. */
export function bindIsTest(node: ast.IsTest, scope: ExpressionScope, callFunction: CallFunction): Expression {
  const operand = bind(node.operand, scope);
  if (isJsonTest(node.test)) return bindIsJson(node, node.test, operand, { scope, callFunction });
  if (node.test === 'null' || node.test === 'unknown') {
    const input =
      node.test === 'null' ? resolveUnknown(operand, scope.state) : toBoolean(operand, `IS ${node.negated ? 'NOT ' : ''}UNKNOWN`, scope.state);
    return { kind: 'is-null', input, negated: node.negated, type: boolType, span: node.span };
  }
  const value = toBoolean(operand, `IS ${node.negated ? 'NOT ' : ''}${node.test.toUpperCase()}`, scope.state);
  const wanted = node.test === 'true';
  const whenNull: Expression = { kind: 'literal', type: boolType, value: !wanted, span: node.span };
  const decided: Expression = { kind: 'coalesce', args: [value, whenNull], type: boolType, span: node.span };
  return wanted === node.negated ? negate(decided, node.span) : decided;
}

type CallFunction = (name: string, args: readonly Expression[]) => Expression;

function isJsonTest(test: ast.IsTest['test']): test is ast.JsonTest {
  return test.startsWith('json');
}

/** NULL is neither JSON nor not. Errors: 42804 for what has no text. */
function bindIsJson(
  node: ast.IsTest,
  test: ast.JsonTest,
  operand: Expression,
  { scope, callFunction }: { readonly scope: ExpressionScope; readonly callFunction: CallFunction },
): Expression {
  const value = resolveUnknown(operand, scope.state);
  const text = value.type.kind === 'jsonb' ? mustCoerce(value, textType, 'explicit', scope.state) : coerce(value, textType, 'implicit', scope.state);
  if (text === null) {
    throw datatypeMismatch(`cannot use type ${typeText(value.type)} in IS JSON predicate`, node.operand.span);
  }
  const form: Expression = { kind: 'literal', type: textType, value: test, span: node.span };
  const decided = callFunction('is_json', [text, form]);
  return node.negated ? negate(decided, node.span) : decided;
}

/** Never NULL: two NULLs are alike, a NULL and a value are not. */
export function bindIsDistinct(node: ast.IsDistinctFrom, scope: ExpressionScope): Expression {
  const distinct = distinctFrom(bind(node.left, scope), bind(node.right, scope), node, scope.state);
  return node.negated ? negate(distinct, node.span) : distinct;
}

/** Two row constructors differ where a field does: their equality would be NULL where a field is. */
function distinctFrom(left: Expression, right: Expression, node: ast.IsDistinctFrom, state: BindState): Expression {
  if (isRowConstructor(left) && isRowConstructor(right) && left.args.length === right.args.length && left.args.length > 0) {
    const fields = left.args.map((arg, index) => distinctFrom(arg, right.args[index]!, node, state));
    return conjunction(fields, 'or', node.span);
  }
  const equal = toBoolean(compareRows('=', left, right, { span: node.operatorSpan, state }), 'IS DISTINCT FROM', state);
  const isNull = (input: Expression, negated: boolean): Expression => ({ kind: 'is-null', input, negated, type: boolType, span: node.span });
  const [comparedLeft, comparedRight] = comparisonOperands(equal) ?? [left, right];
  return {
    kind: 'case',
    branches: [
      { condition: isNull(comparedLeft, false), result: isNull(comparedRight, true) },
      { condition: isNull(comparedRight, false), result: { kind: 'literal', type: boolType, value: true } },
    ],
    otherwise: negate(equal, node.span),
    type: boolType,
    span: node.span,
  };
}

/** The operands after conversion, so that a parameter's type is known in the NULL tests too. */
function comparisonOperands(equal: Expression): [Expression, Expression] | null {
  return equal.kind === 'call' && equal.args.length === 2 ? [equal.args[0]!, equal.args[1]!] : null;
}

export function bindBetween(node: ast.BetweenExpression, scope: ExpressionScope): Expression {
  const operand = bind(node.operand, scope);
  const low = bind(node.low, scope);
  const high = bind(node.high, scope);
  const compare = (symbol: string, bound: Expression): Expression => resolveOperator(symbol, [operand, bound], node.operatorSpan, scope.state);
  const within = (from: Expression, to: Expression): Expression => conjunction([compare('>=', from), compare('<=', to)], 'and', node.span);
  const outside = (from: Expression, to: Expression): Expression => conjunction([compare('<', from), compare('>', to)], 'or', node.span);
  if (!node.symmetric) return node.negated ? outside(low, high) : within(low, high);
  return node.negated
    ? conjunction([outside(low, high), outside(high, low)], 'and', node.span)
    : conjunction([within(low, high), within(high, low)], 'or', node.span);
}

/** One list of a common type where there is one; a chain of comparisons otherwise, as PostgreSQL's transformAExprIn. */
export function bindInList(node: ast.InListExpression, scope: ExpressionScope): Expression {
  const operand = bind(node.operand, scope);
  const items = node.list.map((item) => bind(item, scope));
  const list = operand.type.kind === 'row' ? null : inList(operand, items, { negated: node.negated, span: node.span, state: scope.state });
  if (list !== null) return list;
  const symbol = node.negated ? '<>' : '=';
  const comparisons = items.map((item) => compareRows(symbol, operand, item, { span: node.operatorSpan, state: scope.state }));
  return conjunction(comparisons, node.negated ? 'and' : 'or', node.span);
}

/** `operand IN (items)` over one type; null when the types have none in common or none with equality. */
export function inList(
  operand: Expression,
  items: readonly Expression[],
  options: { readonly negated: boolean; readonly span: ast.Span; readonly state: BindState },
): Expression | null {
  const { state } = options;
  const type = findCommonType([operand.type, ...items.map((item) => item.type)], state);
  if (type === null) return null;
  const equals = operatorSignature('=', type, type, state);
  if (equals === null) return null;
  const target: SqlType = equals.parameters[0]!;
  return {
    kind: 'in-list',
    input: mustCoerce(operand, target, 'implicit', state),
    items: items.map((item) => mustCoerce(item, target, 'implicit', state)),
    equals: equals.definition.signature,
    negated: options.negated,
    type: boolType,
    span: options.span,
  };
}

const likeSymbols = { like: ['~~', '!~~'], ilike: ['~~*', '!~~*'], 'similar-to': ['~', '!~'] } as const;

export function bindLike(node: ast.LikeExpression, scope: ExpressionScope, callFunction: CallFunction): Expression {
  const operand = bind(node.operand, scope);
  const written = bind(node.pattern, scope);
  const escapeWith = node.escape === null ? null : bind(node.escape, scope);
  let pattern = written;
  if (node.operator === 'similar-to') pattern = callFunction('similar_to_escape', escapeWith === null ? [written] : [written, escapeWith]);
  else if (escapeWith !== null) pattern = callFunction('like_escape', [written, escapeWith]);
  return resolveOperator(likeSymbols[node.operator][node.negated ? 1 : 0], [operand, pattern], node.operatorSpan, scope.state);
}
