import { SqlError, SqlState, unreachable } from '../../base/index.ts';
import type { Expression } from '../../expr/index.ts';
import type * as ast from '../../sql/index.ts';
import { foldIdentifier } from '../../sql/index.ts';
import { bindArray, bindArrow, bindCase, bindCast, bindMap, bindRow, bindStruct } from './bind-construct.ts';
import { bindFunctionCall, callByName } from './bind-function-call.ts';
import { bindJsonConstructor } from './bind-json-constructor.ts';
import { bindJsonPathCall } from './bind-json-path-call.ts';
import { bindBitString, bindBoolean, bindInterval, bindNumber, bindString, bindTypedLiteral } from './bind-literal.ts';
import { bindBetween, bindInList, bindIsDistinct, bindIsTest, bindLike, bindLogical, bindNot } from './bind-predicate.ts';
import { compareRows, isRowConstructor } from './bind-row-comparison.ts';
import { bind, type ExpressionScope } from './bind-state.ts';
import { bindArraySubquery, bindExists, bindInSubquery, bindQuantified, bindScalarSubquery, compareWithRow } from './bind-subquery.ts';
import { bindSubscripts } from './bind-subscript.ts';
import { notSupported, syntaxError } from './binder-error.ts';
import { mustCoerce } from './coercion.ts';
import { resolveOperator } from './resolve-call.ts';
import { bindColumnReference, bindWholeRow, followFields } from './resolve-column.ts';

/** A written expression with names and types found. Untyped literals stay `unknown` until their place gives them a type. */
export function bindExpression(node: ast.Expression, scope: ExpressionScope): Expression {
  switch (node.kind) {
    case 'string-literal':
    case 'null-literal':
      return bindString(node);
    case 'bit-string-literal':
      return bindBitString(node);
    case 'number-literal':
      return bindNumber(node, scope.state);
    case 'boolean-literal':
      return bindBoolean(node);
    case 'typed-literal':
      return bindTypedLiteral(node, scope.state);
    case 'interval-literal':
      return bindInterval(node, scope.state);
    case 'parameter':
      return bindParameter(node, scope);
    case 'column-reference':
      return bindColumnReference(node, scope);
    case 'unary':
    case 'binary':
      return bindOperator(node, scope);
    case 'logical':
      return bindLogical(node, scope);
    case 'not':
      return bindNot(node, scope);
    case 'is-test':
      return bindIsTest(node, scope, callFunction(node, scope));
    case 'is-distinct-from':
      return bindIsDistinct(node, scope);
    case 'between':
      return bindBetween(node, scope);
    case 'in-list':
      return bindInList(node, scope);
    case 'like':
      return bindLike(node, scope, callFunction(node, scope));
    default:
      return bindCompound(node, scope);
  }
}

function callFunction(node: ast.Expression, scope: ExpressionScope): (name: string, args: readonly Expression[]) => Expression {
  return (name, args) => callByName(name, args, { span: node.span, scope });
}

type CompoundNode = Exclude<
  ast.Expression,
  {
    kind:
      | 'string-literal'
      | 'null-literal'
      | 'bit-string-literal'
      | 'number-literal'
      | 'boolean-literal'
      | 'typed-literal'
      | 'interval-literal'
      | 'parameter'
      | 'column-reference'
      | 'unary'
      | 'binary'
      | 'logical'
      | 'not'
      | 'is-test'
      | 'is-distinct-from'
      | 'between'
      | 'in-list'
      | 'like';
  }
>;

/** Subqueries, calls, constructors: the second half of the family. */
function bindCompound(node: CompoundNode, scope: ExpressionScope): Expression {
  switch (node.kind) {
    case 'in-subquery':
      return bindInSubquery(node, scope);
    case 'quantified-comparison':
      return bindQuantified(node, scope);
    case 'exists':
      return bindExists(node, scope);
    case 'scalar-subquery':
      return bindScalarSubquery(node, scope);
    case 'array-subquery':
      return bindArraySubquery(node, scope);
    case 'case':
      return bindCase(node, scope);
    case 'cast':
      return bindCast(node, scope);
    case 'collate':
      return bindCollate(node, scope);
    case 'at-time-zone':
      return bindAtTimeZone(node, scope);
    case 'array':
      return bindArray(node, scope, null);
    case 'row':
      return bindRow(node, scope);
    case 'struct':
      return bindStruct(node, scope);
    case 'subscript':
    case 'slice':
      return bindSubscripts(node, scope);
    case 'field-access':
      return followFields(bind(node.operand, scope), [foldIdentifier(node.field)], [node.field], node.span);
    case 'function-call':
      return bindFunctionCall(node, scope);
    case 'json-path-call':
      return bindJsonPathCall(node, scope);
    case 'json-constructor':
      return bindJsonConstructor(node, scope);
    case 'match-semantics':
      return bindMatchSemantics(node, scope);
    case 'current-value':
      return bindCurrentValue(node, scope);
    case 'star':
      return bindWholeRow(node, scope);
    case 'field-star':
      throw syntaxError('row expansion via "*" is not supported here', node.span);
    case 'default-value':
      throw syntaxError('DEFAULT is not allowed in this context', node.span);
    case 'map':
      return bindMap(node, scope);
    case 'lambda':
      throw syntaxError('lambda expressions are only allowed as arguments of functions', node.span);
    case 'table-argument':
    case 'descriptor':
      throw syntaxError(`${node.kind === 'descriptor' ? 'DESCRIPTOR' : 'TABLE'} is only allowed as an argument of a table function`, node.span);
    default:
      return unreachable(node);
  }
}

function bindMatchSemantics(node: ast.MatchSemantics, scope: ExpressionScope): Expression {
  const word = node.semantics.toUpperCase();
  if (scope.pattern === undefined) throw syntaxError(`${word} is only allowed in MEASURES of MATCH_RECOGNIZE`, node.span);
  return scope.pattern.semantics(node, scope);
}

function bindParameter(node: ast.Parameter, scope: ExpressionScope): Expression {
  const index = node.index - 1;
  const { parameterTypes, bodyParameterCount } = scope.state;
  if (bodyParameterCount !== undefined && index >= 0 && index < bodyParameterCount) {
    const name = { kind: 'identifier', text: `$${node.index}`, quoted: true, span: node.span } as const;
    return bind({ kind: 'column-reference', name: [name], span: node.span }, scope);
  }
  if (bodyParameterCount !== undefined || index < 0 || index >= 65_535) {
    throw new SqlError({ code: SqlState.undefinedParameter, message: `there is no parameter $${node.index}`, position: node.span.start });
  }
  while (parameterTypes.length <= index) parameterTypes.push(null);
  return { kind: 'parameter', index, type: parameterTypes[index] ?? { kind: 'unknown' }, span: node.span };
}

function bindOperator(node: ast.UnaryExpression | ast.BinaryExpression, scope: ExpressionScope): Expression {
  const { symbol, span } = node.operator;
  if (node.kind === 'binary') {
    const left = bind(node.left, scope);
    if (symbol === '->' && left.type.kind !== 'jsonb' && left.type.kind !== 'unknown') return bindArrow(left, node.right, node.span, scope);
    const comparison = symbol === '=' || symbol === '<>' || symbol === '<' || symbol === '<=' || symbol === '>' || symbol === '>=';
    if (comparison && node.right.kind === 'scalar-subquery' && isRowConstructor(left))
      return compareWithRow({ operand: left, subquery: node.right, symbol, span }, scope);
    const right = bind(node.right, scope);
    if (comparison) return compareRows(symbol, left, right, { span, state: scope.state });
    return resolveOperator(symbol, [left, right], span, scope.state);
  }
  // A sign in front of a number belongs to it: -2147483648 is an int4, -9223372036854775808 an int8.
  if (node.operand.kind === 'number-literal' && symbol === '-') return bindNumber(node.operand, scope.state, true, node.span);
  const operand = bind(node.operand, scope);
  if (
    symbol === '+' &&
    operand.type.kind !== 'unknown' &&
    scope.state.context.functions.operators('+').every((known) => known.argumentTypes.length !== 1)
  ) {
    return operand;
  }
  return resolveOperator(symbol, [operand], span, scope.state);
}

const collations: ReadonlySet<string> = new Set(['default', 'c', 'posix', 'ucs_basic', 'pg_c_utf8', 'unicode']);

/** Text is compared by code points, which is the collation C; names that mean it are accepted. */
function bindCollate(node: ast.CollateExpression, scope: ExpressionScope): Expression {
  const name = foldIdentifier(node.collation.parts.at(-1)!);
  if (collations.has(name.toLowerCase())) return bind(node.operand, scope);
  throw new SqlError({
    code: SqlState.undefinedObject,
    message: `collation "${name}" for encoding "UTF8" does not exist`,
    hint: 'fsql compares text by code points: use COLLATE "C".',
    position: node.collation.span.start,
  });
}

function bindAtTimeZone(node: ast.AtTimeZoneExpression, scope: ExpressionScope): Expression {
  const operand = bind(node.operand, scope);
  const place = { span: node.span, scope };
  const zone =
    node.zone === null
      ? callByName('current_setting', [bindString({ kind: 'string-literal', value: 'TimeZone', span: node.span })], place)
      : bind(node.zone, scope);
  return callByName('timezone', [zone, operand], place);
}

const currentValueFunctions: Partial<Record<ast.CurrentValue['name'], string>> = {
  user: 'current_user',
  current_role: 'current_user',
  system_user: 'current_user',
  current_catalog: 'current_database',
};

/** CURRENT_TIMESTAMP and its kin are functions without parentheses; a precision rounds. */
function bindCurrentValue(node: ast.CurrentValue, scope: ExpressionScope): Expression {
  if (node.name === 'current_time') throw notSupported('type time with time zone is not supported', node.span, 'Use LOCALTIME.');
  const value = callByName(currentValueFunctions[node.name] ?? node.name, [], { span: node.span, scope });
  const { kind } = value.type;
  if (node.precision === null || (kind !== 'timestamptz' && kind !== 'timestamp' && kind !== 'time')) return value;
  return mustCoerce(value, { kind, precision: Math.min(node.precision, 6) }, 'explicit', scope.state);
}
