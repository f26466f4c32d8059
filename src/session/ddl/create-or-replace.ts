import { SqlError, SqlState } from '../../base/index.ts';
import { dropKeyword, type Relation } from '../../catalog/index.ts';
import type { QualifiedName } from '../../sql/index.ts';
import type { StatementContext } from '../statement-context.ts';
import type { RelationDraft } from './relation-draft.ts';

/** How a definition deals with a name that is taken. */
export interface Creation {
  readonly statement: { readonly orReplace: boolean; readonly name: QualifiedName };
  readonly context: StatementContext;
}

/**
 * Creates the relation; with OR REPLACE it takes the place of the one with its name, and a NOTICE says what was built again. Errors: 42809 when that is of
 * another kind, 2BP01 when a dependant does not fit.
 */
export async function createOrReplace(draft: RelationDraft, { statement, context }: Creation): Promise<void> {
  const { definer } = context;
  const old = statement.orReplace ? definer.snapshot.relation(draft.schema, draft.name) : null;
  if (old === null) {
    await definer.create(draft);
    return;
  }
  if (old.kind !== draft.kind) throw otherKind(old, draft, statement.name.span.start);
  await replaceRelation(old, draft, context);
}

/** Puts the draft in the place of a relation of its kind. */
export async function replaceRelation(old: Relation, draft: RelationDraft, context: StatementContext): Promise<void> {
  const { started, retired } = await context.definer.replace(old.oid, draft);
  const message = started.length > 0 ? `rebuilt from the inputs: ${started.map(({ name }) => name).join(', ')}` : keptNotice(old);
  if (message !== null && (started.length > 0 || retired.length === 0)) {
    context.notice({ severity: 'NOTICE', code: SqlState.successfulCompletion, message });
  }
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
