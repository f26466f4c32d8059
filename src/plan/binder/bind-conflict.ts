import { SqlError, SqlState } from '../../base/index.ts';
import { type Relation, type RelationKey, relationKeys } from '../../catalog/index.ts';
import type { Expression } from '../../expr/index.ts';
import { type Expression as AstExpression, foldIdentifier, type Identifier, type OnConflict } from '../../sql/index.ts';
import { bindAssignments } from './bind-assignments.ts';
import { toBoolean } from './bind-predicate.ts';
import { bind, plainScope, type QueryEnvironment } from './bind-state.ts';
import { nearestHint, notSupported, syntaxError } from './binder-error.ts';
import { targetColumn } from './modification-target.ts';
import { joinRows, type RowScope } from './row-scope.ts';

/** ON CONFLICT: expressions are over the stored row followed by the row that was to be inserted (`excluded`). */
export interface BoundConflict {
  readonly action: 'nothing' | 'update';
  /** Names of the keys that decide; null for any. A row that meets another in a key not among them is an error. */
  readonly arbiters: readonly string[] | null;
  /** The whole new row, for `update`. */
  readonly values: readonly Expression[];
  readonly where: Expression | null;
}

export function bindConflict(clause: OnConflict, relation: Relation, row: RowScope, environment: QueryEnvironment): BoundConflict | null {
  if (clause.action === 'error') return null;
  if (clause.targetWhere !== null) throw notSupported('ON CONFLICT … WHERE of a partial index is not supported', clause.targetWhere.span);
  const arbiters = arbitersOf(clause, relation);
  if (clause.action !== 'update') return { action: 'nothing', arbiters, values: [], where: null };
  if (arbiters === null)
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
    arbiters,
    values: bindAssignments(clause.assignments, relation, both, environment),
    where: clause.where === null ? null : toBoolean(bind(clause.where, plainScope(environment, both, 'WHERE')), 'WHERE', environment.state),
  };
}

function arbiterColumn(node: AstExpression, relation: Relation): number {
  if (node.kind === 'column-reference' && node.name.length === 1) return targetColumn(node.name[0]!, relation);
  throw notSupported('ON CONFLICT over an expression is not supported', node.span, 'Name the key columns.');
}

/** Errors: 42704 for a constraint that is not there, 42809 for one that is no key, 42P10 for columns that are none. */
function arbitersOf(clause: OnConflict, relation: Relation): readonly string[] | null {
  const keys = relationKeys(relation);
  if (clause.constraint !== null) return [namedKey(clause.constraint, keys, relation).name];
  if (clause.target.length === 0) return null;
  const target = clause.target.map((node) => arbiterColumn(node, relation));
  const matching = keys.filter(({ columns }) => columns.length === target.length && columns.every((column) => target.includes(column)));
  if (matching.length > 0) return matching.map((key) => key.name);
  throw new SqlError({
    code: SqlState.invalidColumnReference,
    message: 'there is no unique or exclusion constraint matching the ON CONFLICT specification',
    position: clause.span.start,
  });
}

function namedKey(identifier: Identifier, keys: readonly RelationKey[], relation: Relation): RelationKey {
  const name = foldIdentifier(identifier);
  const key = keys.find((one) => one.name === name);
  if (key !== undefined) return key;
  const position = identifier.span.start;
  if (relation.constraints?.some((rule) => rule.name === name)) {
    throw new SqlError({ code: SqlState.wrongObjectType, message: 'constraint in ON CONFLICT clause has no associated index', position });
  }
  throw new SqlError({
    code: SqlState.undefinedObject,
    message: `constraint "${name}" for table "${relation.name}" does not exist`,
    hint: nearestHint(
      'the constraint',
      name,
      keys.map((one) => one.name),
    ),
    position,
  });
}
