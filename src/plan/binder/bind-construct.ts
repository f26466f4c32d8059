import { SqlError, SqlState } from '../../base/index.ts';
import type { Expression } from '../../expr/index.ts';
import type * as ast from '../../sql/index.ts';
import { foldIdentifier } from '../../sql/index.ts';
import { type SqlType, textType } from '../../types/index.ts';
import { toBoolean } from './bind-predicate.ts';
import { compareRows } from './bind-row-comparison.ts';
import { bind, type ExpressionScope } from './bind-state.ts';
import { elementOf, valueOfKey } from './bind-subscript.ts';
import { typeText } from './binder-error.ts';
import { cannotCast, coerce, mustCoerce, resolveUnknown } from './coercion.ts';
import { unify } from './common-type.ts';
import { expandStar } from './expand-star.ts';
import { followFields } from './resolve-column.ts';
import { resolveTypeName } from './resolve-type-name.ts';

/** CASE with an operand compares it with each WHEN; results meet in their common type. */
export function bindCase(node: ast.CaseExpression, surrounding: ExpressionScope): Expression {
  // A branch that is not taken must not make rows.
  const scope = { ...surrounding, setFunctions: null, clause: surrounding.setFunctions === null ? surrounding.clause : 'CASE' };
  const { state } = scope;
  const operand = node.operand === null ? null : bind(node.operand, scope);
  const conditions = node.branches.map((branch) => {
    const bound = bind(branch.condition, scope);
    if (operand === null) return toBoolean(bound, 'CASE/WHEN', state);
    return compareRows('=', operand, bound, { span: branch.condition.span, state });
  });
  const results = node.branches.map((branch) => bind(branch.result, scope));
  const otherwise = node.otherwise === null ? null : bind(node.otherwise, scope);
  // PostgreSQL looks at ELSE first, so that its type leads.
  const unified = unify(otherwise === null ? results : [otherwise, ...results], 'CASE', state);
  const converted = otherwise === null ? unified.expressions : unified.expressions.slice(1);
  return {
    kind: 'case',
    branches: conditions.map((condition, index) => ({ condition, result: converted[index]! })),
    otherwise: otherwise === null ? null : unified.expressions[0]!,
    type: unified.type,
    span: node.span,
  };
}

/** Errors: 42846 where no conversion exists. */
export function bindCast(node: ast.CastExpression, scope: ExpressionScope): Expression {
  const type = resolveTypeName(node.type);
  if (node.operand.kind === 'array' && type.kind === 'array') {
    const array = bindArray(node.operand, scope, type.element);
    return mustCoerce(array, type, 'explicit', scope.state);
  }
  const bound = bind(node.operand, scope);
  if (node.onError === 'null') return tryCast(bound, type, node);
  const cast = coerce(bound, type, 'explicit', scope.state);
  if (cast === null) {
    // PostgreSQL points at the `::`, which stands behind the operand, or at CAST.
    const written = node.operand.span.start === node.span.start ? { start: node.operand.span.end, end: node.span.end } : node.span;
    throw cannotCast(bound.type, type, written);
  }
  return { ...cast, span: node.span };
}

function tryCast(bound: Expression, type: SqlType, node: ast.CastExpression): Expression {
  const input: Expression = bound.type.kind === 'unknown' ? { ...bound, type: textType } : bound;
  return { kind: 'cast', input, type, mode: 'try', span: node.span };
}

/** `element`: the element type a cast around the constructor asks for. Errors: 42P18 for an empty array of no known type. */
export function bindArray(node: ast.ArrayConstructor, scope: ExpressionScope, element: SqlType | null): Expression {
  if (node.elements.length === 0 && element === null) {
    throw new SqlError({
      code: SqlState.indeterminateDatatype,
      message: 'cannot determine type of empty array',
      hint: 'Explicitly cast to the desired type, for example ARRAY[]::integer[].',
      position: node.span.start,
    });
  }
  const bound = node.elements.map((item) => (item.kind === 'array' ? bindArray(item, scope, element) : bind(item, scope)));
  if (element !== null && bound.every((item) => item.type.kind !== 'array')) {
    const args = bound.map((item) => {
      const cast = coerce(item, element, 'explicit', scope.state);
      if (cast === null) throw cannotCast(item.type, element, item.span);
      return cast;
    });
    return { kind: 'construct', type: { kind: 'array', element }, args, span: node.span };
  }
  const { type, expressions } = unify(bound, 'ARRAY', scope.state);
  // An array of arrays is one array type with more dimensions.
  return { kind: 'construct', type: type.kind === 'array' ? type : { kind: 'array', element: type }, args: expressions, span: node.span };
}

/** `ROW(a, t.*)`: fields are named f1, f2, … as PostgreSQL names those of an anonymous record. */
export function bindRow(node: ast.RowConstructor, scope: ExpressionScope): Expression {
  const args = node.fields.flatMap((field): Expression[] => {
    if (field.kind === 'star' || field.kind === 'field-star') return expandStar(field, scope).map((column) => column.expression);
    return [bind(field, scope)];
  });
  return {
    kind: 'construct',
    type: { kind: 'row', fields: args.map((arg, index) => ({ name: `f${index + 1}`, type: arg.type })) },
    args,
    span: node.span,
  };
}

export function bindStruct(node: ast.StructConstructor, scope: ExpressionScope): Expression {
  const args = node.fields.map((field) => resolveUnknown(bind(field.value, scope), scope.state));
  const fields = node.fields.map((field, index) => ({ name: foldIdentifier(field.name), type: args[index]!.type }));
  return { kind: 'construct', type: { kind: 'row', fields }, args, span: node.span };
}

/** `MAP['k', 1]`: keys meet in one type, and so do values. Errors: 42P18 without entries. */
export function bindMap(node: ast.MapConstructor, scope: ExpressionScope): Expression {
  if (node.entries.length === 0) {
    throw new SqlError({
      code: SqlState.indeterminateDatatype,
      message: 'cannot determine type of empty map',
      hint: "Write it as text with its type, for example '{}'::MAP<TEXT, INTEGER>.",
      position: node.span.start,
    });
  }
  const keys = unify(
    node.entries.map((entry) => bind(entry.key, scope)),
    'MAP',
    scope.state,
  );
  const values = unify(
    node.entries.map((entry) => bind(entry.value, scope)),
    'MAP',
    scope.state,
  );
  const args = keys.expressions.flatMap((key, index) => [key, values.expressions[index]!]);
  return { kind: 'construct', type: { kind: 'map', key: keys.type, value: values.type }, args, span: node.span };
}

/** `row->field` of ksqlDB, and `map->key`. What is attached to the field is read first, but belongs to the field's value: `a->b[1]`. */
export function bindArrow(operand: Expression, right: ast.Expression, span: ast.Span, scope: ExpressionScope): Expression {
  if (operand.type.kind === 'map') return valueOfKey(operand, bind(right, scope), span, scope);
  if (operand.type.kind !== 'row')
    throw new SqlError({
      code: SqlState.wrongObjectType,
      message: `-> applied to type ${typeText(operand.type)}, which has no fields`,
      position: span.start,
    });
  switch (right.kind) {
    case 'column-reference':
      return followFields(operand, right.name.map(foldIdentifier), right.name, span);
    case 'field-access':
      return followFields(bindArrow(operand, right.operand, span, scope), [foldIdentifier(right.field)], [right.field], span);
    case 'subscript':
      return elementOf(bindArrow(operand, right.operand, span, scope), right.index, span, scope);
    default:
      throw new SqlError({
        code: SqlState.syntaxError,
        message: '-> of a row is followed by the name of a field',
        position: right.span.start,
      });
  }
}
