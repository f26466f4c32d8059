import { SqlError, SqlState } from '../../base/index.ts';
import type { Relation } from '../../catalog/index.ts';
import type { Expression } from '../../expr/index.ts';
import type { Expression as AstExpression, OnConflict } from '../../sql/index.ts';
import { bindAssignments } from './bind-assignments.ts';
import { toBoolean } from './bind-predicate.ts';
import { bind, plainScope, type QueryEnvironment } from './bind-state.ts';
import { notSupported, syntaxError } from './binder-error.ts';
import { targetColumn } from './modification-target.ts';
import { joinRows, type RowScope } from './row-scope.ts';

/** ON CONFLICT: expressions are over the stored row followed by the row that was to be inserted (`excluded`). */
export interface BoundConflict {
  readonly action: 'nothing' | 'update';
  /** Columns of the arbiter key; null for any. */
  readonly target: readonly number[] | null;
  /** The whole new row, for `update`. */
  readonly values: readonly Expression[];
  readonly where: Expression | null;
}

export function bindConflict(clause: OnConflict, relation: Relation, row: RowScope, environment: QueryEnvironment): BoundConflict | null {
  if (clause.action === 'error') return null;
  if (clause.targetWhere !== null) throw notSupported('ON CONFLICT … WHERE of a partial index is not supported', clause.targetWhere.span);
  if (clause.constraint !== null) throw notSupported('ON CONFLICT ON CONSTRAINT is not supported', clause.constraint.span, 'Name the key columns.');
  const target = clause.target.length === 0 ? null : clause.target.map((node) => arbiterColumn(node, relation));
  if (target !== null && !isKey(target, relation)) {
    throw new SqlError({
      code: SqlState.invalidColumnReference,
      message: 'there is no unique or exclusion constraint matching the ON CONFLICT specification',
      position: clause.span.start,
    });
  }
  if (clause.action !== 'update') return { action: 'nothing', target, values: [], where: null };
  if (target === null)
    throw syntaxError(
      'ON CONFLICT DO UPDATE requires inference specification or constraint name',
      clause.span,
      'For example, ON CONFLICT (column_name).',
    );
  const excluded: RowScope = { ...row, relations: row.relations.map((known) => ({ ...known, alias: 'excluded', schema: null })) };
  const joined = joinRows(row, excluded, clause.span);
  // Plain names mean the stored row; the other one is only reached as excluded.a.
  const both: RowScope = { ...joined, columns: row.columns };
  return {
    action: 'update',
    target,
    values: bindAssignments(clause.assignments, relation, both, environment),
    where: clause.where === null ? null : toBoolean(bind(clause.where, plainScope(environment, both, 'WHERE')), 'WHERE', environment.state),
  };
}

function arbiterColumn(node: AstExpression, relation: Relation): number {
  if (node.kind === 'column-reference' && node.name.length === 1) return targetColumn(node.name[0]!, relation);
  throw notSupported('ON CONFLICT over an expression is not supported', node.span, 'Name the key columns.');
}

function isKey(target: readonly number[], relation: Relation): boolean {
  const keys = relation.primaryKey === null ? relation.uniqueKeys : [relation.primaryKey, ...relation.uniqueKeys];
  return keys.some((key) => key.length === target.length && key.every((column) => target.includes(column)));
}
