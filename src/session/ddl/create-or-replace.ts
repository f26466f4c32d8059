import { SqlError, SqlState } from '../../base/index.ts';
import { dropKeyword, type Relation } from '../../catalog/index.ts';
import type { QualifiedName } from '../../sql/index.ts';
import type { CheckedPlan, ReplacementPlan } from '../engine/index.ts';
import type { StatementContext } from '../statement-context.ts';
import type { RelationDraft } from './relation-draft.ts';

/** How a definition deals with a name that is taken. */
export interface Creation {
  readonly statement: { readonly ifNotExists: boolean; readonly orReplace: boolean; readonly name: QualifiedName };
  readonly context: StatementContext;
  /** How the query of the draft has been planned, if it is as its text would be. */
  readonly checked?: CheckedPlan | null;
}

/** True (with PostgreSQL's notice) when the name is taken and IF NOT EXISTS was written; false with OR REPLACE. Errors: 42P07. */
export function alreadyThere({ schema, name }: Pick<RelationDraft, 'schema' | 'name'>, { statement, context }: Creation): boolean {
  if (statement.orReplace) return false;
  const isMade = context.definer.snapshot.relation(schema, name) !== null;
  if (!isMade && context.engine.accepted.named({ schema, name }) === null) return false;
  const message = `relation "${name}" ${isMade ? 'already exists' : 'is being created'}`;
  if (!statement.ifNotExists) throw new SqlError({ code: SqlState.duplicateTable, message, position: statement.name.span.start });
  context.notice({ severity: 'NOTICE', code: SqlState.duplicateTable, message: `${message}, skipping` });
  return true;
}

/** What to do with an error of making it: another session may have made it since the statement began. */
export function unlessThere(draft: RelationDraft, creation: Creation): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof SqlError) || error.code !== SqlState.duplicateTable || !alreadyThere(draft, creation)) throw error;
  };
}

/**
 * Creates the relation; with OR REPLACE it takes the place of the one with its name, and a NOTICE says what was built again. Errors: 42809 when that is of
 * another kind, 2BP01 when a dependant does not fit.
 */
export async function createOrReplace(draft: RelationDraft, { statement, context, checked = null }: Creation): Promise<void> {
  const { definer } = context;
  const old = statement.orReplace ? definer.snapshot.relation(draft.schema, draft.name) : null;
  if (old === null) {
    await definer.create(draft, checked, context.signal).catch(unlessThere(draft, { statement, context }));
    return;
  }
  if (old.kind !== draft.kind) throw otherKind(old, draft, statement.name.span.start);
  await replaceRelation(old, draft, context);
}

/** Puts the draft in the place of a relation of its kind. */
export async function replaceRelation(old: Relation, draft: RelationDraft, context: StatementContext): Promise<void> {
  const plan = await context.definer.replace(old.oid, draft, { signal: context.signal });
  const { started, retired } = plan;
  const message = started.length > 0 ? changedNotice(plan) : keptNotice(old);
  if (message !== null && (started.length > 0 || retired.length === 0)) {
    context.notice({ severity: 'NOTICE', code: SqlState.successfulCompletion, message });
  }
}

function changedNotice({ started, kept }: ReplacementPlan): string {
  const own = kept === null || kept.givenUp ? null : kept;
  const rebuilt = started.filter((relation) => relation !== own?.relation).map(({ name }) => name);
  const parts = own === null ? [] : [`${own.relation.name} keeps its state of ${own.operators.join(', ')}, and is rebuilt from that`];
  if (rebuilt.length > 0) parts.push(`rebuilt from the inputs: ${rebuilt.join(', ')}`);
  return parts.join('; ');
}

/** A view without rows has nothing to keep. */
function keptNotice(old: Relation): string | null {
  return old.kind === 'view' ? null : `${old.kind} "${old.name}" is what it was: its state is kept`;
}

function otherKind(old: Relation, draft: RelationDraft, position: number): SqlError {
  return new SqlError({
    code: SqlState.wrongObjectType,
    message: `"${old.name}" is not a ${draft.kind}`,
    hint: `It is a ${old.kind}: DROP ${dropKeyword(old.kind)} ${old.name} first.`,
    position,
  });
}
