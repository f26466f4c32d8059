import { SqlError, SqlState } from '../../base/index.ts';
import { type Relation, relationKeys } from '../../catalog/index.ts';
import { compileRowInterpreter } from '../../expr/index.ts';
import {
  type AlterAction,
  type ColumnDefinition,
  foldIdentifier,
  type Identifier,
  printExpression,
  quoteIdentifier,
  type TableElement,
} from '../../sql/index.ts';
import { formatType, widens } from '../../types/index.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';
import { redefined, withColumn } from '../ddl/table-definition.ts';
import type { Row } from '../engine/index.ts';
import { binderOf } from '../statement-binding.ts';
import type { StatementContext } from '../statement-context.ts';
import { addConnectorColumn, hasColumnAlready, inEventTimeOrder, requireRewritable, streamWithColumn } from './alter-stream.ts';
import { lockTable } from './modify.ts';
import { checkStored, replaceWithRows } from './replace-with-rows.ts';
import { failingRow } from './row-rules.ts';

type Action<Kind extends AlterAction['kind']> = Extract<AlterAction, { readonly kind: Kind }>;

/** The actions that change what a stored table holds, or what it holds its rows to. */
export type TableAction = Action<
  'add-column' | 'drop-column' | 'add-constraint' | 'drop-constraint' | 'column-default' | 'column-not-null' | 'column-type'
>;

export function isTableAction(action: AlterAction): action is TableAction {
  return ['add-column', 'drop-column', 'add-constraint', 'drop-constraint', 'column-default', 'column-not-null', 'column-type'].includes(action.kind);
}

/**
 * ALTER TABLE of a stored table, and ADD COLUMN of a stream or what a connector brings. Nobody writes to what is stored meanwhile; what waits to write finds
 * the new one.
 */
export async function alterTable(action: TableAction, named: Relation, context: StatementContext): Promise<void> {
  const adds = action.kind === 'add-column' && (named.kind === 'table' || named.kind === 'stream');
  if (adds && named.options !== null) return addConnectorColumn(action, named, context);
  if (!adds && (named.kind !== 'table' || named.options !== null)) throw notStored(action, named);
  // A block keeps writers away from now on, for its COMMIT does not look at the rows again.
  await lockTable(named, context, { shared: false });
  const relation = context.definer.snapshot.relationByOid(named.oid);
  if (relation === null) throw new SqlError({ code: SqlState.undefinedTable, message: `relation "${named.name}" does not exist` });
  switch (action.kind) {
    case 'add-column':
      return addColumn(action, relation, context);
    case 'drop-column':
      return dropColumn(action, relation, context);
    case 'add-constraint':
      return addConstraint(action, relation, context);
    case 'drop-constraint':
      return dropConstraint(action, relation, context);
    case 'column-default':
      return setDefault(action, relation, context);
    case 'column-not-null':
      return setNotNull(action, relation, context);
    case 'column-type':
      return setColumnType(action, relation, context);
  }
}

async function addColumn(action: Action<'add-column'>, relation: Relation, context: StatementContext): Promise<void> {
  const { column } = action;
  if (hasColumnAlready(action, relation, context)) return;
  if (relation.kind === 'stream') return addEmbeddedColumn(action, relation, context);
  if (column.constraints.some((constraint) => constraint.kind === 'primary-key')) throw noPrimaryKey(column.span.start);
  const width = relation.columns.length;
  const draft = await redefined(relation, (elements) => elements.toSpliced(width, 0, column), context);
  const value = columnValue(draft, width, { relation, context });
  await rewrite(relation, draft, (row) => [...row, value(row)], context);
}

/** The rows of a stream come again, each with one value more; what was late or bad has gone. */
async function addEmbeddedColumn(action: Action<'add-column'>, relation: Relation, context: StatementContext): Promise<void> {
  requireRewritable(relation, context, action.column.span.start);
  const draft = await streamWithColumn(action, relation, context);
  const value = columnValue(draft, relation.columns.length, { relation, context });
  await rewrite(relation, draft, (row) => [...row, value(row)], context);
}

/** What a row that is there gets in a new column: its default, evaluated once, a number of its counter, or what it computes. */
function columnValue(
  draft: RelationDraft,
  index: number,
  { relation, context }: { readonly relation: Relation; readonly context: StatementContext },
): (row: Row) => Row[number] {
  const binder = binderOf(context);
  const { source, defaultExpression, type, identity } = draft.columns[index]!;
  if (identity !== undefined) {
    const counted: Relation = { ...draft, oid: relation.oid };
    return () => {
      const value = context.engine.identities.next(counted, index);
      return type.kind === 'int8' ? value : Number(value);
    };
  }
  if (source.kind === 'computed') {
    const computed = compileRowInterpreter(binder.rowExpressionText(source.expression, draft.columns, type), context.engine.registries.lookup);
    return (row) => computed(row, binder.context.evaluation);
  }
  if (defaultExpression === null) return () => null;
  const value = binder.constant(binder.context.parseExpression(defaultExpression), type, 'DEFAULT expressions');
  return () => value;
}

async function dropColumn(action: Action<'drop-column'>, relation: Relation, context: StatementContext): Promise<void> {
  const { column, ifExists, cascade } = action;
  const index = columnIndex(column, relation, ifExists, context);
  if (index === null) return;
  if (cascade) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: 'DROP COLUMN … CASCADE is not supported',
      hint: 'Drop what reads the column first.',
      position: column.span.start,
    });
  }
  if (relation.primaryKey?.includes(index)) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `column "${relation.columns[index]!.name}" is in the primary key and cannot be dropped`,
      hint: 'CREATE OR REPLACE TABLE puts another table in the place of this one.',
      position: column.span.start,
    });
  }
  const gone = new Set((relation.constraints ?? []).filter((rule) => rule.columns.includes(index)).map((rule) => rule.name));
  const kept = (elements: readonly TableElement[]): readonly TableElement[] =>
    elements.filter((element, position) => position !== index && !gone.has(constraintName(element) ?? ''));
  const draft = await redefined(relation, kept, context);
  try {
    await rewrite(relation, draft, (row) => row.toSpliced(index, 1), context);
  } catch (error) {
    if (!(error instanceof SqlError) || error.code !== SqlState.dependentObjectsStillExist) throw error;
    throw error.with({
      message: `cannot drop column ${relation.columns[index]!.name} of table ${relation.name} because other objects depend on it`,
      hint: 'Drop them first, or give them another query.',
    });
  }
}

function constraintName(element: TableElement): string | null {
  const isConstraint = element.kind === 'table-unique' || element.kind === 'table-check';
  return isConstraint && element.name !== null ? foldIdentifier(element.name) : null;
}

async function addConstraint({ constraint }: Action<'add-constraint'>, relation: Relation, context: StatementContext): Promise<void> {
  if (constraint.kind === 'table-primary-key') throw noPrimaryKey(constraint.span.start);
  const draft = await redefined(relation, (elements) => [...elements, constraint], context);
  await keepRows(relation, draft, context);
}

async function dropConstraint({ name, ifExists }: Action<'drop-constraint'>, relation: Relation, context: StatementContext): Promise<void> {
  const wanted = foldIdentifier(name);
  const known = relation.constraints?.some((rule) => rule.name === wanted) ?? false;
  if (!known && relationKeys(relation).some((key) => key.name === wanted)) throw noPrimaryKey(name.span.start);
  if (!known) {
    const message = `constraint "${wanted}" of relation "${relation.name}" does not exist`;
    if (!ifExists) throw new SqlError({ code: SqlState.undefinedObject, message, position: name.span.start });
    context.notice({ severity: 'NOTICE', code: SqlState.successfulCompletion, message: `${message}, skipping` });
    return;
  }
  const draft = await redefined(relation, (elements) => elements.filter((element) => constraintName(element) !== wanted), context);
  await keepRows(relation, draft, context);
}

async function setDefault({ column, expression, span }: Action<'column-default'>, relation: Relation, context: StatementContext): Promise<void> {
  const index = columnIndex(column, relation, false, context)!;
  const name = relation.columns[index]!.name;
  if (relation.columns[index]!.source.kind === 'computed') {
    throw new SqlError({
      code: SqlState.syntaxError,
      message: `column "${name}" of relation "${relation.name}" is a generated column`,
      position: column.span.start,
    });
  }
  refuseIdentity(relation, index, column);
  const changed = (definition: ColumnDefinition): ColumnDefinition => {
    const others = definition.constraints.filter((constraint) => constraint.kind !== 'default');
    return { ...definition, constraints: expression === null ? others : [...others, { kind: 'default', expression, name: null, span }] };
  };
  await keepRows(relation, await redefined(relation, (elements) => withColumn(elements, index, changed), context), context);
}

async function setNotNull({ column, notNull, span }: Action<'column-not-null'>, relation: Relation, context: StatementContext): Promise<void> {
  const index = columnIndex(column, relation, false, context)!;
  if (!notNull && relation.primaryKey?.includes(index)) {
    throw new SqlError({
      code: SqlState.invalidTableDefinition,
      message: `column "${relation.columns[index]!.name}" is in a primary key`,
      position: column.span.start,
    });
  }
  if (!notNull) refuseIdentity(relation, index, column);
  const changed = (definition: ColumnDefinition): ColumnDefinition => {
    const others = definition.constraints.filter((constraint) => constraint.kind !== 'not-null');
    return { ...definition, constraints: notNull ? [...others, { kind: 'not-null', name: null, span }] : others };
  };
  await keepRows(relation, await redefined(relation, (elements) => withColumn(elements, index, changed), context), context);
}

/**
 * A wider type keeps every value as it is; USING says what becomes of them in any other. What reads the column is built from the table again, and its columns widen with
 * it. Errors: 0A000 for a narrower type without USING, 2BP01 with what reads the column and does not fit, those of the expression.
 */
async function setColumnType(action: Action<'column-type'>, relation: Relation, context: StatementContext): Promise<void> {
  const { column, using } = action;
  const index = columnIndex(column, relation, false, context)!;
  const { name, type: from, source, identity } = relation.columns[index]!;
  const binder = binderOf(context);
  const to = binder.type(action.type);
  if (source.kind === 'computed' || identity !== undefined) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `the type of column "${name}" cannot be changed: fsql computes its values`,
      hint:
        source.kind === 'computed' ? 'Drop it and add it with another expression.' : 'Add a column of that type, and copy the values with UPDATE.',
      position: column.span.start,
    });
  }
  if (using === null && !widens(from, to)) throw narrower(action, name, `${formatType(from)} to ${formatType(to)}`);
  const text = using === null ? quoteIdentifier(name) : printExpression(using);
  const value = compileRowInterpreter(binder.rowExpressionText(text, relation.columns, to), context.engine.registries.lookup);
  const converted = (row: Row): Row[number] => orFailingRow(relation, row, () => value(row, binder.context.evaluation));
  const changed = (definition: ColumnDefinition): ColumnDefinition => ({ ...definition, type: action.type });
  const draft = await redefined(relation, (elements) => withColumn(elements, index, changed), context);
  try {
    await rewrite(relation, draft, (row) => row.with(index, converted(row)), context);
  } catch (error) {
    if (!(error instanceof SqlError) || error.code !== SqlState.dependentObjectsStillExist) throw error;
    throw error.with({
      message: `cannot alter type of column ${name} of table ${relation.name} because other objects depend on it`,
      hint: 'Drop them first, or give them another query.',
    });
  }
}

/** Whoever has to mend the row before the column can have the type has to know which it is. */
function orFailingRow<Value>(relation: Relation, row: Row, evaluate: () => Value): Value {
  try {
    return evaluate();
  } catch (error) {
    throw error instanceof SqlError && error.detail === undefined ? error.with({ detail: failingRow(row, relation) }) : error;
  }
}

function narrower({ span }: Action<'column-type'>, name: string, change: string): SqlError {
  return new SqlError({
    code: SqlState.featureNotSupported,
    message: `column "${name}" cannot be changed from ${change}: not every value fits`,
    hint: `Say what becomes of the values: TYPE … USING expression.`,
    position: span.start,
  });
}

/** Errors: 42601 for an identity column, 0A000 for a SERIAL one, whose counter would have to go. */
function refuseIdentity({ name, columns }: Relation, index: number, { span }: Identifier): void {
  const { name: column, identity } = columns[index]!;
  if (identity === undefined) return;
  const serial = identity.kind === 'serial';
  throw new SqlError({
    code: serial ? SqlState.featureNotSupported : SqlState.syntaxError,
    message: serial
      ? `the default and NOT NULL of SERIAL column "${column}" cannot be changed`
      : `column "${column}" of relation "${name}" is an identity column`,
    position: span.start,
  });
}

/** Null, with a NOTICE, where it is not there and need not be. Errors: 42703. */
function columnIndex(column: Identifier, relation: Relation, optional: boolean, context: StatementContext): number | null {
  const name = foldIdentifier(column);
  const index = relation.columns.findIndex((one) => one.name === name);
  if (index >= 0) return index;
  const message = `column "${name}" of relation "${relation.name}" does not exist`;
  if (!optional) throw new SqlError({ code: SqlState.undefinedColumn, message, position: column.span.start });
  context.notice({ severity: 'NOTICE', code: SqlState.successfulCompletion, message: `${message}, skipping` });
  return null;
}

/** The table goes on with its rows and its job, under other rules. Errors: those its rows break. */
async function keepRows(relation: Relation, draft: RelationDraft, context: StatementContext): Promise<void> {
  checkStored(await context.session.transaction!.rows(relation), draft, context);
  await context.definer.alterRules(relation, draft, context.signal);
}

/** Every row is written anew, and what reads the table is built again from it. */
async function rewrite(relation: Relation, draft: RelationDraft, change: (row: Row) => Row, context: StatementContext): Promise<void> {
  const rows = inEventTimeOrder(await context.session.transaction!.rows(relation), relation).map(change);
  await context.engine.identities.persist();
  await replaceWithRows(relation, draft, rows, context);
}

function noPrimaryKey(position: number): SqlError {
  return new SqlError({
    code: SqlState.featureNotSupported,
    message: 'the primary key of a table cannot be changed: rows are kept by it',
    hint: 'Add UNIQUE and SET NOT NULL, or use CREATE OR REPLACE TABLE.',
    position,
  });
}

function notStored(action: TableAction, relation: Relation): SqlError {
  return new SqlError({
    code: SqlState.featureNotSupported,
    message: `ALTER … ${action.kind.replaceAll('-', ' ').toUpperCase()} is not supported for ${relation.kind} "${relation.name}"`,
    hint: `It is for ${action.kind === 'add-column' ? 'tables and streams' : 'stored tables'}. CREATE OR REPLACE puts another definition in the place of this one.`,
    position: action.span.start,
  });
}
