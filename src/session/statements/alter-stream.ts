import { SqlError, SqlState } from '../../base/index.ts';
import type { Relation } from '../../catalog/index.ts';
import { type AlterAction, type CreateSource, type CreateStream, type CreateTable, foldIdentifier, parseStatement } from '../../sql/index.ts';
import { compareOrdered } from '../../types/index.ts';
import { replaceRelation } from '../ddl/create-or-replace.ts';
import { createRelationDraft } from '../ddl/create-relation.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';
import type { Row } from '../engine/index.ts';
import { binderOf } from '../statement-binding.ts';
import { cancellable, type StatementContext } from '../statement-context.ts';

type AddColumn = Extract<AlterAction, { readonly kind: 'add-column' }>;

/** Whether the relation has a column of that name, which IF NOT EXISTS takes with a NOTICE. Errors: 42701. */
export function hasColumnAlready({ column, ifNotExists }: AddColumn, relation: Relation, context: StatementContext): boolean {
  const name = foldIdentifier(column.name);
  if (!relation.columns.some((one) => one.name === name)) return false;
  const message = `column "${name}" of relation "${relation.name}" already exists`;
  if (!ifNotExists) throw new SqlError({ code: SqlState.duplicateColumn, message, position: column.name.span.start });
  context.notice({ severity: 'NOTICE', code: SqlState.duplicateColumn, message: `${message}, skipping` });
  return true;
}

/**
 * ALTER STREAM … ADD COLUMN over a connector: the definition with one more column behind the others takes the place of the old one, as CREATE OR REPLACE
 * does, and reads from where that began. Errors: 42701, 0A000 for columns that are not written out.
 */
export async function addConnectorColumn(action: AddColumn, relation: Relation, context: StatementContext): Promise<void> {
  if (hasColumnAlready(action, relation, context)) return;
  const draft = await streamWithColumn(action, relation, context);
  const { splits } = relation;
  await cancellable(replaceRelation(relation, { ...draft, ...(splits !== undefined && { splits }) }, context), context.signal);
}

/** The definition with one more column behind the others. Errors: 0A000 for columns that are not written out, those of CREATE. */
export async function streamWithColumn({ column }: AddColumn, relation: Relation, context: StatementContext): Promise<RelationDraft> {
  const written = parseStatement(relation.statement) as CreateStream | CreateSource | CreateTable;
  const last = written.elements.findLastIndex((element) => element.kind === 'column-definition');
  if (last < 0) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `the columns of ${relation.kind} "${relation.name}" are not written out, so none can be added`,
      hint: 'CREATE OR REPLACE puts a definition with all columns in the place of this one.',
      position: column.span.start,
    });
  }
  const elements = written.elements.toSpliced(last + 1, 0, column);
  const { schema, comment } = relation;
  const draft = await cancellable(
    createRelationDraft(
      { ...written, elements, orReplace: false, ifNotExists: false },
      { schema, name: relation.name },
      { engine: context.engine, binder: binderOf(context), snapshot: context.definer.snapshot },
    ),
    context.signal,
  );
  return { ...draft, comment };
}

/**
 * Errors: 0A000 for an embedded stream with a retention that something reads: its rows begin to age anew, and those that have gone could not be read
 * again by what has counted them.
 */
export function requireRewritable(relation: Relation, { definer }: StatementContext, position: number): void {
  const [reader] = definer.snapshot.directDependants(relation.oid);
  if (relation.embeddedOptions?.['retention'] === undefined || reader === undefined) return;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `stream "${relation.name}" has a retention, and ${reader.kind} "${reader.name}" may have read rows that are gone`,
    hint: 'Drop what reads the stream first, or make another stream with the column.',
    position,
  });
}

/** Rows in an order in which none of them is late, whatever order they came in. */
export function inEventTimeOrder(rows: readonly Row[], { watermark, columns }: Pick<Relation, 'watermark' | 'columns'>): readonly Row[] {
  if (watermark === null) return rows;
  const { column } = watermark;
  const { type } = columns[column]!;
  const order = { descending: false, nullsFirst: true };
  return rows.toSorted((left, right) => compareOrdered(type, left[column] ?? null, right[column] ?? null, order));
}
