import { SqlError, SqlState } from '../../base/index.ts';
import { type Relation, relationKeys } from '../../catalog/index.ts';
import { compileRowInterpreter } from '../../expr/index.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';
import { duplicatedKey, type Row } from '../engine/index.ts';
import { binderOf } from '../statement-binding.ts';
import type { StatementContext } from '../statement-context.ts';

/**
 * A stored table or stream takes the place of another with rows to begin with, and what reads that is built again from them, as a NOTICE says. Errors: those of
 * `checkStored`, 2BP01 when a dependant does not fit.
 */
export async function replaceWithRows(old: Relation, draft: RelationDraft, rows: readonly Row[], context: StatementContext): Promise<void> {
  checkStored(rows, draft, context);
  const { started } = await context.definer.replace(old.oid, draft, { rows, signal: context.signal });
  const rebuilt = started.slice(1).map(({ name }) => name);
  if (rebuilt.length > 0) {
    context.notice({ severity: 'NOTICE', code: SqlState.successfulCompletion, message: `rebuilt from the ${old.kind}: ${rebuilt.join(', ')}` });
  }
}

/** Errors: 23502, 23514, 23505 in the words of ALTER TABLE. */
export function checkStored(rows: readonly Row[], draft: RelationDraft, context: StatementContext): void {
  const binder = binderOf(context);
  const { name, schema } = draft;
  const about = { schema, table: name };
  for (const [index, column] of draft.columns.entries()) {
    if (column.nullable || rows.every((row) => (row[index] ?? null) !== null)) continue;
    const message = `column "${column.name}" of relation "${name}" contains null values`;
    throw new SqlError({ code: SqlState.notNullViolation, message, ...about, column: column.name });
  }
  for (const rule of draft.constraints ?? []) {
    if (rule.kind !== 'check') continue;
    const condition = binder.rowExpression(binder.context.parseExpression(rule.expression), draft.columns, 'check constraints');
    const holds = compileRowInterpreter(condition, context.engine.registries.lookup);
    if (rows.every((row) => holds(row, binder.context.evaluation) !== false)) continue;
    const message = `check constraint "${rule.name}" of relation "${name}" is violated by some row`;
    throw new SqlError({ code: SqlState.checkViolation, message, ...about, constraint: rule.name });
  }
  for (const key of relationKeys({ ...draft, oid: 0 })) {
    const detail = duplicatedKey(rows, key, draft);
    if (detail === null) continue;
    throw new SqlError({
      code: SqlState.uniqueViolation,
      message: `could not create unique index "${key.name}"`,
      detail,
      ...about,
      constraint: key.name,
    });
  }
}
