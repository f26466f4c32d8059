import { SqlError, SqlState } from '../../base/index.ts';
import type { Relation } from '../../catalog/index.ts';
import { type AlterAction, type CreateSource, type CreateStream, type CreateTable, foldIdentifier, parseStatement } from '../../sql/index.ts';
import { replaceRelation } from '../ddl/create-or-replace.ts';
import { createRelationDraft } from '../ddl/create-relation.ts';
import { binderOf } from '../statement-binding.ts';
import { cancellable, type StatementContext } from '../statement-context.ts';

type AddColumn = Extract<AlterAction, { readonly kind: 'add-column' }>;

/**
 * ALTER STREAM … ADD COLUMN over a connector: the definition with one more column behind the others takes the place of the old one, as CREATE OR REPLACE
 * does, and reads from where that began. Errors: 42701, 0A000 for columns that are not written out.
 */
export async function addStreamColumn({ column, ifNotExists }: AddColumn, relation: Relation, context: StatementContext): Promise<void> {
  const name = foldIdentifier(column.name);
  if (relation.columns.some((one) => one.name === name)) {
    const message = `column "${name}" of relation "${relation.name}" already exists`;
    if (!ifNotExists) throw new SqlError({ code: SqlState.duplicateColumn, message, position: column.name.span.start });
    context.notice({ severity: 'NOTICE', code: SqlState.duplicateColumn, message: `${message}, skipping` });
    return;
  }
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
  const { schema, comment, splits } = relation;
  const named = { schema, name: relation.name };
  const draft = await cancellable(
    createRelationDraft({ ...written, elements, orReplace: false, ifNotExists: false }, named, { engine: context.engine, binder: binderOf(context) }),
    context.signal,
  );
  await cancellable(replaceRelation(relation, { ...draft, comment, ...(splits !== undefined && { splits }) }, context), context.signal);
}
