import { SqlError, SqlState } from '../../base/index.ts';
import type { CatalogSnapshot } from '../../catalog/index.ts';
import { type BoundQuery, eventTimesOf, type PhysicalPlan } from '../../plan/index.ts';
import { foldIdentifier, parseStatement, type Query } from '../../sql/index.ts';
import { formatType } from '../../types/index.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';
import type { Engine } from './engine.ts';
import { continuousPlan } from './relation-jobs.ts';
import { StatementBinder } from './statement-binder.ts';

/** A draft over the catalog as it is; `plan`: how its query is planned over it, null for what has none or a plan of another kind. */
interface PresentDraft {
  readonly draft: RelationDraft;
  readonly plan: PhysicalPlan | null;
}

/**
 * The draft of what reads relations, over a catalog that may be another than it was made over: its statement may have waited for other definitions. What follows from
 * its plan is as that is now. Errors: 40001 where its text means other relations or has other columns by now; what its text does not bind with.
 */
export function overPresent(draft: RelationDraft, snapshot: CatalogSnapshot, engine: Engine): PresentDraft {
  if (draft.query === null || draft.kind === 'table') return { draft, plan: null };
  const binder = StatementBinder.forCatalog(engine, snapshot.storedReader(draft), { dependsOn: draft.dependsOn });
  const bound = draft.kind === 'view' ? binder.query(parseStatement(draft.query) as Query) : binder.continuousQueryText(draft.query);
  requireSame(draft, bound);
  if (draft.kind !== 'materialized view') return { draft, plan: null };
  const plan = continuousPlan(bound, bound.emit ?? 'on-update', engine.parts);
  const { appendOnly, uniqueKeys } = plan;
  return { draft: { ...draft, appendOnly, uniqueKeys, eventTimes: eventTimesOf(bound.plan) }, plan };
}

function requireSame(draft: RelationDraft, bound: BoundQuery): void {
  const were = draft.columns.map(({ name, type }) => `${name} ${formatType(type)}`).join(', ');
  const are = columnsOf(draft, bound);
  // A sink into a table depends on that besides.
  const sameInputs = bound.reads.every((oid) => draft.dependsOn.includes(oid));
  if (sameInputs && were === are) return;
  throw new SqlError({
    code: SqlState.serializationFailure,
    message: 'could not serialize access due to concurrent update',
    detail: sameInputs
      ? `what "${draft.name}" reads was changed by another session: its columns would be (${are}), they were to be (${were})`
      : `"${draft.name}" would read other relations by now`,
    hint: 'Run the statement again.',
  });
}

/** Under the names of its column list, or of the query. */
function columnsOf({ statement: text }: RelationDraft, { plan }: BoundQuery): string {
  const statement = parseStatement(text);
  const names = statement.kind === 'create-view' || statement.kind === 'create-materialized-view' ? statement.columns : [];
  const named = ({ name }: { readonly name: string }, index: number): string => {
    const written = names[index];
    return written === undefined ? name : foldIdentifier(written);
  };
  return plan.fields.map((field, index) => `${named(field, index)} ${formatType(field.type)}`).join(', ');
}
