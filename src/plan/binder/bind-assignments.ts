import { SqlError, SqlState } from '../../base/index.ts';
import type { Relation } from '../../catalog/index.ts';
import type { Expression } from '../../expr/index.ts';
import type { Assignment, AssignmentTarget, Expression as AstExpression } from '../../sql/index.ts';
import { bind, plainScope, type QueryEnvironment } from './bind-state.ts';
import { bindSubqueryColumns } from './bind-subquery.ts';
import { notSupported, syntaxError } from './binder-error.ts';
import { withComputed } from './computed-columns.ts';
import { assignToColumn, defaultValue, requireWritable, targetColumn } from './modification-target.ts';
import { columnOf, type RowScope } from './row-scope.ts';

/** The new row of SET: one expression a column of the relation, over a row that begins with the old one. */
export function bindAssignments(assignments: readonly Assignment[], relation: Relation, row: RowScope, environment: QueryEnvironment): Expression[] {
  const values = relation.columns.map((column, index): Expression => columnOf(index, column));
  const seen = new Set<number>();
  for (const assignment of assignments) {
    for (const { target, value } of pairs(assignment, { row, environment })) {
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
      values[index] = assignedValue(value, relation, index, environment);
    }
  }
  return withComputed(values, relation, environment.state);
}

interface AssignmentPlace {
  readonly row: RowScope;
  readonly environment: QueryEnvironment;
}

/** `node`: as it is written; it may stand for more than this value. */
interface AssignedValue {
  readonly node: AstExpression;
  /** Null for DEFAULT. */
  readonly bound: (() => Expression) | null;
}

function assignedValue({ node, bound }: AssignedValue, relation: Relation, index: number, environment: QueryEnvironment): Expression {
  if (bound === null) return defaultValue(relation, index, environment);
  requireWritable(relation, index, node.span, { verb: 'update' });
  return assignToColumn({ ...bound(), span: node.span }, relation, index, environment);
}

/** `(a, b) = (1, 2)` is two assignments, and so is `(a, b) = (SELECT x, y …)`. */
function pairs(
  { targets, value }: Assignment,
  { row, environment }: AssignmentPlace,
): readonly { readonly target: AssignmentTarget; readonly value: AssignedValue }[] {
  const scope = plainScope(environment, row, 'UPDATE');
  const one = (node: AstExpression): AssignedValue => ({ node, bound: node.kind === 'default-value' ? null : () => bind(node, scope) });
  if (targets.length === 1 && value.kind !== 'row') return [{ target: targets[0]!, value: one(value) }];
  if (value.kind === 'row') {
    requireAsMany(value.fields.length, targets, value);
    return targets.map((target, index) => ({ target, value: one(value.fields[index]!) }));
  }
  if (value.kind !== 'scalar-subquery')
    throw syntaxError('source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression', value.span);
  const columns = bindSubqueryColumns(value, scope);
  requireAsMany(columns.length, targets, value);
  return targets.map((target, index) => ({ target, value: { node: value, bound: () => columns[index]! } }));
}

function requireAsMany(values: number, targets: readonly AssignmentTarget[], { span }: AstExpression): void {
  if (values !== targets.length) throw syntaxError('number of columns does not match number of values', span);
}
