import { SqlError, SqlState } from '../../base/index.ts';
import { type Expression, mapExpression } from '../../expr/index.ts';
import { type FieldStar, foldIdentifier, type StarExpression } from '../../sql/index.ts';
import { bind, type ExpressionScope } from './bind-state.ts';
import { nearestHint, syntaxError, typeText } from './binder-error.ts';
import { findQualifiedRelation, unknownTable } from './resolve-column.ts';
import type { ScopeColumn } from './row-scope.ts';

/** A column a star stands for. */
interface StarColumn {
  readonly name: string;
  readonly expression: Expression;
}

/** The columns of `*`, `t.*`, `* EXCLUDE (a)` and `(row).*`. Errors: 42601 without tables, 42P01 for an unknown table. */
export function expandStar(node: StarExpression | FieldStar, scope: ExpressionScope): readonly StarColumn[] {
  if (node.kind === 'field-star') return expandFields(node, scope);
  const columns = starColumns(node, scope);
  const excluded = new Set(node.except.map(foldIdentifier));
  for (const identifier of node.except) {
    const name = foldIdentifier(identifier);
    if (columns.some((column) => column.name === name)) continue;
    throw new SqlError({
      code: SqlState.undefinedColumn,
      message: `column "${name}" does not exist`,
      hint: nearestHint(
        'the column',
        name,
        columns.map((column) => column.name),
      ),
      position: identifier.span.start,
    });
  }
  return columns
    .filter((column) => !excluded.has(column.name))
    .map((column) => ({ name: column.name, expression: { ...column.expression, span: node.span } }));
}

function starColumns(node: StarExpression, scope: ExpressionScope): readonly ScopeColumn[] {
  if (node.qualifier.length === 0) {
    if (scope.row.relations.length === 0) throw syntaxError('SELECT * with no tables specified is not valid', node.span);
    return scope.row.columns;
  }
  const names = node.qualifier.map(foldIdentifier);
  const relation = findQualifiedRelation(names, scope.row);
  if (relation !== null) return relation.columns;
  let depth = 1;
  for (let outer = scope.outer; outer !== null; outer = outer.next, depth++) {
    const found = outer.hidden ? null : findQualifiedRelation(names, outer.scope.row);
    if (found !== null) return found.columns.map((column) => ({ ...column, expression: outerColumn(column.expression, depth) }));
  }
  throw unknownTable(node, names, scope);
}

function outerColumn(expression: Expression, depth: number): Expression {
  return mapExpression(expression, (node) => (node.kind === 'column' ? { ...node, kind: 'outer-column', depth } : node));
}

function expandFields(node: FieldStar, scope: ExpressionScope): StarColumn[] {
  const input = bind(node.operand, scope);
  if (input.type.kind !== 'row') {
    throw new SqlError({ code: SqlState.wrongObjectType, message: `type ${typeText(input.type)} is not composite`, position: node.span.start });
  }
  return input.type.fields.map((field, index) => ({
    name: field.name,
    expression: { kind: 'field', input, index, type: field.type, span: node.span },
  }));
}
