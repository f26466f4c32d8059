import type { SqlError } from '../../base/index.ts';
import type { Expression } from '../../expr/index.ts';
import type * as ast from '../../sql/index.ts';
import { int4Type, type SqlType } from '../../types/index.ts';
import { callByName } from './bind-function-call.ts';
import { bind, type ExpressionScope } from './bind-state.ts';
import { datatypeMismatch, typeText } from './binder-error.ts';
import { coerce } from './coercion.ts';
import { resolveOperator } from './resolve-call.ts';

const INT4_MAX = 2_147_483_647;

/** What stands in one pair of brackets behind a value. */
type Subscript = ast.SubscriptExpression | ast.SliceExpression;

/** Elements of these have subscripts of their own; to all others `a[1][2]` is one element of an array of two dimensions. */
const SUBSCRIPTED: ReadonlySet<SqlType['kind']> = new Set(['array', 'jsonb', 'map']);

/**
 * `a[1]` of an array counts from 1 and is NULL outside; of jsonb it is a member by name or position, of a map the value of a key. `a[2:]` is the array of the
 * elements to the end. An `int[]` has as many dimensions as its value has (PostgreSQL, "Arrays"): its subscripts are taken together, and where one is a slice all are,
 * a single number from 1 on.
 */
export function bindSubscripts(node: Subscript, scope: ExpressionScope): Expression {
  const subscripts: Subscript[] = [];
  let base: ast.Expression = node;
  for (; base.kind === 'subscript' || base.kind === 'slice'; base = base.operand) subscripts.unshift(base);
  let value = bind(base, scope);
  for (const [index, subscript] of subscripts.entries()) {
    if (value.type.kind === 'array' && !SUBSCRIPTED.has(value.type.element.kind)) return bindDimensions(value, subscripts.slice(index), scope);
    value = subscript.kind === 'slice' ? bindDimensions(value, [subscript], scope) : elementOf(value, subscript.index, subscript.span, scope);
  }
  return value;
}

function bindDimensions(operand: Expression, subscripts: readonly Subscript[], scope: ExpressionScope): Expression {
  const { span } = subscripts[0]!;
  if (operand.type.kind !== 'array') throw cannotSubscript(operand, span);
  const literal = (value: number): Expression => ({ kind: 'literal', type: int4Type, value, span });
  const place = { span: subscripts.at(-1)!.span, scope };
  if (subscripts.every((subscript) => subscript.kind === 'subscript'))
    return callByName('array_get', [operand, ...subscripts.map(({ index }) => bindPosition(index, scope))], place);
  // A bound left out is no NULL, which would make the slice NULL.
  const bounds = subscripts.flatMap((subscript) =>
    subscript.kind === 'subscript'
      ? [literal(1), bindPosition(subscript.index, scope)]
      : [
          subscript.low === null ? literal(1) : bindPosition(subscript.low, scope),
          subscript.high === null ? literal(INT4_MAX) : bindPosition(subscript.high, scope),
        ],
  );
  return callByName('array_slice', [operand, ...bounds], place);
}

function bindPosition(node: ast.Expression, scope: ExpressionScope): Expression {
  const position = coerce(bind(node, scope), int4Type, 'assignment', scope.state);
  if (position === null) throw datatypeMismatch('array subscript must have type integer', node.span);
  return position;
}

/** One subscript by itself. */
export function elementOf(operand: Expression, subscript: ast.Expression, span: ast.Span, scope: ExpressionScope): Expression {
  if (operand.type.kind === 'map') return valueOfKey(operand, bind(subscript, scope), span, scope);
  if (operand.type.kind === 'jsonb') return resolveOperator('->', [operand, bind(subscript, scope)], span, scope.state);
  if (operand.type.kind !== 'array') throw cannotSubscript(operand, span);
  return callByName('array_get', [operand, bindPosition(subscript, scope)], { span, scope });
}

/** The value of a map's key, NULL where it has none. */
export function valueOfKey(map: Expression, key: Expression, span: ast.Span, scope: ExpressionScope): Expression {
  const type = map.type as Extract<SqlType, { kind: 'map' }>;
  const converted = coerce(key, type.key, 'implicit', scope.state);
  if (converted === null)
    throw datatypeMismatch(`a key of ${typeText(type)} has to be ${typeText(type.key)}, not ${typeText(key.type)}`, key.span ?? span);
  return callByName('map_get', [map, converted], { span, scope });
}

function cannotSubscript(operand: Expression, span: ast.Span): SqlError {
  return datatypeMismatch(`cannot subscript type ${typeText(operand.type)} because it does not support subscripting`, span);
}
