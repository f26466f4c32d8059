import { SqlError, SqlState } from '../../base/index.ts';
import { isSystemRelation, isWritten, isWrittenTime, type Relation, type RelationColumn } from '../../catalog/index.ts';
import type { Expression } from '../../expr/index.ts';
import { foldIdentifier, type Identifier, type QualifiedName, type Span } from '../../sql/index.ts';
import { int4Type, int8Type, isIntegerType } from '../../types/index.ts';
import { findRelation } from './bind-relation.ts';
import type { QueryEnvironment } from './bind-state.ts';
import { bindOverColumns } from './bind-statement.ts';
import { datatypeMismatch, nearestHint, notSupported, typeText } from './binder-error.ts';
import { coerce, mustCoerce } from './coercion.ts';
import { isOverridden, nextIdentity, type Overriding } from './identity-values.ts';

/** The relation a statement writes. Errors: 42P01; 42809 for views and the like; 0A000 for changes of an append-only stream. */
export function targetRelation(
  name: QualifiedName,
  action: 'insert into' | 'update' | 'delete from' | 'merge into',
  environment: QueryEnvironment,
): Relation {
  const relation = findRelation(name, environment);
  const isSystem = isSystemRelation(relation);
  if (relation.kind === 'view' || relation.kind === 'materialized view' || relation.kind === 'sink' || isSystem) {
    const what = isSystem ? 'system relation' : relation.kind;
    throw new SqlError({
      code: isSystem ? SqlState.insufficientPrivilege : SqlState.wrongObjectType,
      message: `cannot ${action} ${what} "${relation.name}"`,
      position: name.span.start,
    });
  }
  if (action !== 'insert into' && (relation.appendOnly || relation.kind === 'stream')) {
    throw notSupported(
      `cannot ${action} stream "${relation.name}"`,
      name.span,
      'A stream only takes new rows; use CREATE TABLE for rows that change.',
    );
  }
  if (action !== 'insert into' && relation.options !== null) {
    throw notSupported(
      `cannot ${action} table "${relation.name}": its rows come from connector "${relation.options.get('connector')}"`,
      name.span,
      'Change them at their origin.',
    );
  }
  return relation;
}

/** The position of a column to be written. Errors: 42703 with the nearest name. */
export function targetColumn(identifier: Identifier, relation: Relation): number {
  const name = foldIdentifier(identifier);
  const index = relation.columns.findIndex((column) => column.name === name);
  if (index >= 0) return index;
  throw new SqlError({
    code: SqlState.undefinedColumn,
    message: `column "${name}" of relation "${relation.name}" does not exist`,
    hint: nearestHint(
      'the column',
      name,
      relation.columns.map((column) => column.name),
    ),
    position: identifier.span.start,
  });
}

/** A value converted to its column by assignment rules. Errors: 42804. */
export function assignToColumn(bound: Expression, relation: Relation, index: number, environment: QueryEnvironment): Expression {
  const column = relation.columns[index]!;
  const value = isWrittenTime(column) && isIntegerType(bound.type) ? timeOfMillis(bound, environment) : bound;
  const assigned = coerce(value, column.type, 'assignment', environment.state);
  if (assigned !== null) return assigned;
  throw datatypeMismatch(
    `column "${column.name}" is of type ${typeText(column.type)} but expression is of type ${typeText(bound.type)}`,
    bound.span,
    'You will need to rewrite or cast the expression.',
  );
}

/** ksqlDB counts milliseconds. */
function timeOfMillis(bound: Expression, { state }: QueryEnvironment): Expression {
  const args = [mustCoerce(bound, int8Type, 'assignment', state), { kind: 'literal', type: int4Type, value: 3 } as const];
  return {
    kind: 'call',
    signature: 'to_timestamp_ltz(int8, int4) -> timestamptz',
    args,
    type: { kind: 'timestamptz', precision: 3 },
    span: bound.span,
  };
}

/** Errors: 428C9 for computed columns, metadata the connector supplies, and GENERATED ALWAYS AS IDENTITY without OVERRIDING SYSTEM VALUE. */
export function requireWritable(
  relation: Relation,
  index: number,
  span: Span,
  { verb, overriding = null }: { readonly verb: 'insert' | 'update'; readonly overriding?: Overriding },
): void {
  const column = relation.columns[index]!;
  if (column.identity?.kind === 'always' && overriding !== 'system')
    throw generatedAlways(column, { verb, what: 'an identity column defined as GENERATED ALWAYS' }, span);
  if (isWritten(column)) return;
  throw generatedAlways(column, { verb, what: column.source.kind === 'computed' ? 'a generated column' : 'a metadata column' }, span);
}

function generatedAlways(
  column: RelationColumn,
  { verb, what }: { readonly verb: 'insert' | 'update'; readonly what: string },
  span: Span,
): SqlError {
  return new SqlError({
    code: SqlState.generatedAlways,
    message:
      verb === 'insert' ? `cannot insert a non-DEFAULT value into column "${column.name}"` : `column "${column.name}" can only be updated to DEFAULT`,
    detail: `Column "${column.name}" is ${what}.`,
    ...(verb === 'insert' && column.identity !== undefined && { hint: 'Use OVERRIDING SYSTEM VALUE to override.' }),
    position: span.start,
  });
}

/** The value of a column nobody gave one: the next of its counter, its DEFAULT, or NULL. Computed columns are filled in later. */
export function defaultValue(relation: Relation, index: number, environment: QueryEnvironment): Expression {
  const column = relation.columns[index]!;
  if (column.identity !== undefined) return nextIdentity(relation, index, environment);
  if (column.defaultExpression === null || column.source.kind === 'computed') return { kind: 'literal', type: column.type, value: null };
  const options = { clause: 'DEFAULT expressions', type: column.type };
  return bindOverColumns(column.defaultExpression, [], environment.state, options);
}

/** A value written for a column of a new row, converted. Errors: those of `requireWritable`, 42804. */
export function insertedValue(
  bound: Expression & { readonly span: Span },
  relation: Relation,
  index: number,
  { overriding, environment }: { readonly overriding: Overriding; readonly environment: QueryEnvironment },
): Expression {
  const assigned = assignToColumn(bound, relation, index, environment);
  if (isOverridden(relation, index, overriding)) return defaultValue(relation, index, environment);
  requireWritable(relation, index, bound.span, { verb: 'insert', overriding });
  return assigned;
}
