import { SqlError, SqlState } from '../../base/index.ts';
import type { Expression } from '../../expr/index.ts';
import type * as ast from '../../sql/index.ts';
import { boolType } from '../../types/index.ts';
import { type LogicalPlan, pushRow } from '../logical/index.ts';
import { conjunction, inList, toBoolean } from './bind-predicate.ts';
import { compareRows, isRowConstructor } from './bind-row-comparison.ts';
import { bind, type ExpressionScope, enterSubquery } from './bind-state.ts';
import { notSupported, syntaxError, typeText } from './binder-error.ts';
import { coerce, mustCoerce } from './coercion.ts';
import { resolveOperator } from './resolve-call.ts';
import { columnOf } from './row-scope.ts';

function bindInner(query: ast.Query, scope: ExpressionScope): LogicalPlan {
  return scope.state.binders.query(query, enterSubquery(scope));
}

function onlyField(plan: LogicalPlan, span: ast.Span) {
  if (plan.fields.length !== 1) throw syntaxError('subquery must return only one column', span);
  return plan.fields[0]!;
}

export function bindScalarSubquery(node: ast.ScalarSubquery, scope: ExpressionScope): Expression {
  const plan = bindInner(node.query, scope);
  const { type } = onlyField(plan, node.span);
  return { kind: 'subquery', form: 'scalar', plan, inputs: [], signatures: [], negated: false, type, span: node.span };
}

/** Each column of the one row of a subquery, as a subquery of its own. */
export function bindSubqueryColumns(node: ast.ScalarSubquery, scope: ExpressionScope): Expression[] {
  const plan = bindInner(node.query, scope);
  return plan.fields.map((field, index): Expression => {
    const only: LogicalPlan = { kind: 'project', input: plan, expressions: [columnOf(index, field)], fields: [field] };
    return { kind: 'subquery', form: 'scalar', plan: only, inputs: [], signatures: [], negated: false, type: field.type, span: node.span };
  });
}

export function bindArraySubquery(node: ast.ArraySubquery, scope: ExpressionScope): Expression {
  const plan = bindInner(node.query, scope);
  const element = onlyField(plan, node.span).type;
  const type = element.kind === 'array' ? element : ({ kind: 'array', element } as const);
  return { kind: 'subquery', form: 'array', plan, inputs: [], signatures: [], negated: false, type, span: node.span };
}

export function bindExists(node: ast.ExistsExpression, scope: ExpressionScope): Expression {
  const plan = bindInner(node.query, scope);
  return { kind: 'subquery', form: 'exists', plan, inputs: [], signatures: [], negated: false, type: boolType, span: node.span };
}

/** `a IN (SELECT …)` is `a = ANY (SELECT …)`. */
export function bindInSubquery(node: ast.InSubqueryExpression, scope: ExpressionScope): Expression {
  const operand = bind(node.operand, scope);
  const plan = bindInner(node.query, scope);
  return compareWithRows({ operand, plan, symbol: '=', form: 'any', negated: node.negated, span: node.operatorSpan }, scope);
}

interface RowComparison {
  readonly operand: Expression;
  readonly plan: LogicalPlan;
  readonly symbol: string;
  readonly form: 'any' | 'all';
  readonly negated: boolean;
  readonly span: ast.Span;
}

/** A row written as such is compared column by column (PostgreSQL, "Row-wise Comparison"). */
function compareWithRows(comparison: RowComparison, scope: ExpressionScope): Expression {
  const { operand, plan, symbol, span } = comparison;
  const operands = isRowConstructor(operand) ? operand.args : [operand];
  requireWidth(operands.length, plan, span);
  if (operands.length === 1 || symbol === '=') return compareColumns(operands, comparison, scope);
  if (symbol === '<>') {
    // Unequal to one of them is: not equal to all.
    const form = comparison.form === 'any' ? 'all' : 'any';
    return compareColumns(operands, { ...comparison, symbol: '=', form, negated: !comparison.negated }, scope);
  }
  return compareOrders(operands, comparison, scope);
}

function requireWidth(width: number, { fields }: LogicalPlan, span: ast.Span): void {
  if (fields.length !== width) throw syntaxError(`subquery has too ${fields.length > width ? 'many' : 'few'} columns`, span);
}

function compareColumns(operands: readonly Expression[], { plan, symbol, form, negated, span }: RowComparison, scope: ExpressionScope): Expression {
  const calls = operands.map((operand, index) => {
    const call = resolveOperator(symbol, [operand, columnOf(index, plan.fields[index]!)], span, scope.state);
    if (call.kind !== 'call' || call.type.kind !== 'bool') throw operatorMustBeBoolean(span);
    return call;
  });
  const values = calls.map((call) => call.args[1]!);
  const compared: LogicalPlan = values.every(({ kind }) => kind === 'column') ? plan : projected(plan, values);
  const signatures = calls.map(({ signature }) => signature);
  return { kind: 'subquery', form, plan: compared, inputs: calls.map((call) => call.args[0]!), signatures, negated, type: boolType, span };
}

interface OneRowComparison {
  readonly operand: Extract<Expression, { kind: 'construct' }>;
  readonly subquery: ast.ScalarSubquery;
  readonly symbol: string;
  readonly span: ast.Span;
}

/**
 * `(a, b) = (SELECT x, y …)`: the subquery compares its row itself (PostgreSQL, "Single-Row Comparison"). NULL when it has none, an error of the row around it when it has
 * more than one.
 */
export function compareWithRow({ operand, subquery, symbol, span }: OneRowComparison, scope: ExpressionScope): Expression {
  const plan = bindInner(subquery.query, scope);
  requireWidth(operand.args.length, plan, span);
  const compared = projected(plan, [answerFor(operand.args, plan, { symbol, span }, scope)]);
  return { kind: 'subquery', form: 'scalar', plan: compared, inputs: [], signatures: [], negated: false, type: boolType, span };
}

/** Which of two rows comes first is no AND of comparisons: the subquery answers it for each of its rows, and the answers are compared with TRUE. */
function compareOrders(operands: readonly Expression[], { plan, symbol, form, negated, span }: RowComparison, scope: ExpressionScope): Expression {
  const answer = answerFor(operands, plan, { symbol, span }, scope);
  const truth: Expression = { kind: 'literal', type: boolType, value: true, span };
  return compareColumns([truth], { operand: truth, plan: projected(plan, [answer]), symbol: '=', form, negated, span }, scope);
}

/** What comparing a row around the subquery with one of its rows gives; over the subquery's columns. */
function answerFor(
  operands: readonly Expression[],
  plan: LogicalPlan,
  { symbol, span }: { readonly symbol: string; readonly span: ast.Span },
  { state }: ExpressionScope,
): Expression {
  const row = (args: readonly Expression[]): Expression => {
    const fields = args.map(({ type }, index) => ({ name: plan.fields[index]!.name, type }));
    return { kind: 'construct', type: { kind: 'row', fields }, args };
  };
  const values = plan.fields.map((field, index) => columnOf(index, field));
  return compareRows(symbol, row(operands.map(pushRow)), row(values), { span, state });
}

function projected(input: LogicalPlan, expressions: readonly Expression[]): LogicalPlan {
  const fields = expressions.map(({ type }, index) => ({ name: input.fields[index]!.name, type }));
  return { kind: 'project', input, expressions, fields };
}

function operatorMustBeBoolean(span: ast.Span): SqlError {
  return new SqlError({ code: SqlState.wrongObjectType, message: 'op ANY/ALL (array) requires operator to yield boolean', position: span.start });
}

/** `a op ANY (…)` over a subquery or an array. */
export function bindQuantified(node: ast.QuantifiedComparison, scope: ExpressionScope): Expression {
  const operand = bind(node.left, scope);
  const symbol = quantifiedSymbol(node.operator);
  if (node.right.kind === 'query') {
    const plan = bindInner(node.right, scope);
    return compareWithRows({ operand, plan, symbol, form: node.quantifier, negated: false, span: node.operator.span }, scope);
  }
  if (node.right.kind === 'array-subquery') {
    const plan = bindInner(node.right.query, scope);
    // The elements of arrays of several dimensions are no rows of the subquery.
    const comparison = { operand, plan, symbol, form: node.quantifier, negated: false, span: node.operator.span };
    if (onlyField(plan, node.right.span).type.kind !== 'array') return compareWithRows(comparison, scope);
  }
  const array = arrayOperand(bind(node.right, scope), operand, node, scope);
  return compareWithElements({ operand, array, symbol, node }, scope);
}

function quantifiedSymbol(operator: ast.OperatorName | ast.LikeOperatorName): string {
  if (operator.kind === 'operator-name') return operator.symbol;
  return `${operator.negated ? '!' : ''}${operator.operator === 'like' ? '~~' : '~~*'}`;
}

/** An untyped right side is an array of the left side's type. */
function arrayOperand(bound: Expression, operand: Expression, node: ast.QuantifiedComparison, scope: ExpressionScope): Expression {
  const element = operand.type.kind === 'unknown' ? ({ kind: 'text' } as const) : operand.type;
  const array = bound.type.kind === 'unknown' ? coerce(bound, { kind: 'array', element }, 'implicit', scope.state) : bound;
  if (array !== null && array.type.kind === 'array') return array;
  throw new SqlError({
    code: SqlState.wrongObjectType,
    message: 'op ANY/ALL (array) requires array on right side',
    detail: `The right side is of type ${typeText(bound.type)}.`,
    position: node.operator.span.start,
  });
}

interface ElementComparison {
  readonly operand: Expression;
  readonly array: Expression;
  readonly symbol: string;
  readonly node: ast.QuantifiedComparison;
}

/** A written list of elements becomes IN or a chain of comparisons; the elements of any other array are compared one by one. */
function compareWithElements(comparison: ElementComparison, scope: ExpressionScope): Expression {
  const { operand, array, symbol, node } = comparison;
  const { state } = scope;
  const any = node.quantifier === 'any';
  const items = writtenElements(array);
  if (items !== null && items.length > 0) {
    const list = symbol === (any ? '=' : '<>') ? inList(operand, items, { negated: !any, span: node.span, state }) : null;
    if (list !== null) return list;
    const comparisons = items.map((item) => toBoolean(compareRows(symbol, operand, item, { span: node.operator.span, state }), 'ANY', state));
    return conjunction(comparisons, any ? 'or' : 'and', node.span);
  }
  const element = array.type.kind === 'array' ? array.type.element : array.type;
  const name = any ? 'any_match' : 'all_match';
  const match = state.context.functions.functions(name).find((known) => known.lambdas?.length === 1);
  if (match === undefined) throw notSupported(`${node.quantifier.toUpperCase()} over an array needs the function ${name}`, node.span);
  const value = operand.type.kind === 'unknown' ? mustCoerce(operand, element, 'implicit', state) : operand;
  const compared = compareRows(symbol, columnOf(1, { name: '?column?', type: value.type }), columnOf(0, { name: 'element', type: element }), {
    span: node.operator.span,
    state,
  });
  if (compared.type.kind !== 'bool') throw operatorMustBeBoolean(node.operator.span);
  const lambda = { parameters: ['element'], body: compared };
  return { kind: 'lambda-call', signature: match.signature, args: [array], captured: [value], lambdas: [lambda], type: boolType, span: node.span };
}

function writtenElements(array: Expression): readonly Expression[] | null {
  if (array.kind === 'construct') return array.args.some((arg) => arg.type.kind === 'array') ? null : array.args;
  if (array.kind !== 'literal' || array.value === null || array.type.kind !== 'array') return null;
  const element = array.type.element;
  const { elements } = array.value as { readonly elements: readonly unknown[] };
  if (elements.some((value) => typeof value === 'object' && value !== null && 'elements' in value)) return null;
  return elements.map((value): Expression => ({ kind: 'literal', type: element, value: value as never, span: array.span }));
}
