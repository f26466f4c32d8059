import { SqlError, SqlState } from '../../base/index.ts';
import type { Relation } from '../../catalog/index.ts';
import type { Expression } from '../../expr/index.ts';
import type { Assignment, AssignmentTarget, Expression as AstExpression } from '../../sql/index.ts';
import { bind, plainScope, type QueryEnvironment } from './bind-state.ts';
import { notSupported, syntaxError } from './binder-error.ts';
import { withComputed } from './computed-columns.ts';
import { assignToColumn, defaultValue, requireWritable, targetColumn } from './modification-target.ts';
import { columnOf, type RowScope } from './row-scope.ts';

/** The new row of SET: one expression a column of the relation, over a row that begins with the old one. */
export function bindAssignments(assignments: readonly Assignment[], relation: Relation, row: RowScope, environment: QueryEnvironment): Expression[] {
  const values = relation.columns.map((column, index): Expression => columnOf(index, column));
  const seen = new Set<number>();
  for (const assignment of assignments) {
    for (const [target, node] of pairs(assignment)) {
      if (target.path.length > 0) throw notSupported('assigning to a part of a value is not supported', target.span, 'Assign the whole column.');
      const index = targetColumn(target.column, relation);
      if (seen.has(index)) {
        throw new SqlError({
          code: SqlState.syntaxError,
          message: `multiple assignments to same column "${relation.columns[index]!.name}"`,
          position: target.span.start,
        });
      }
      seen.add(index);
      values[index] = assignedValue(node, relation, index, { row, environment });
    }
  }
  return withComputed(values, relation, environment.state);
}

interface AssignmentPlace {
  readonly row: RowScope;
  readonly environment: QueryEnvironment;
}

function assignedValue(node: AstExpression, relation: Relation, index: number, place: AssignmentPlace): Expression {
  if (node.kind === 'default-value') return defaultValue(relation, index, place.environment);
  requireWritable(relation, index, node.span, { verb: 'update' });
  const bound = bind(node, plainScope(place.environment, place.row, 'UPDATE'));
  return assignToColumn({ ...bound, span: node.span }, relation, index, place.environment);
}

/** `(a, b) = (1, 2)` is two assignments. */
function pairs(assignment: Assignment): readonly (readonly [AssignmentTarget, AstExpression])[] {
  const { targets, value } = assignment;
  if (targets.length === 1 && value.kind !== 'row') return [[targets[0]!, value]];
  if (value.kind !== 'row')
    throw notSupported('assigning several columns from a subquery is not supported', value.span, 'Write one subquery a column.');
  if (value.fields.length !== targets.length) throw syntaxError('number of columns does not match number of values', value.span);
  return targets.map((target, index) => [target, value.fields[index]!] as const);
}
