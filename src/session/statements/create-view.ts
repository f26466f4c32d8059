import { SqlError, SqlState } from '../../base/index.ts';
import { physicalColumn, type Relation, type RelationColumn } from '../../catalog/index.ts';
import { type BoundQuery, eventTimesOf, planWarnings, type RelationUse } from '../../plan/index.ts';
import {
  type CreateMaterializedView,
  type CreateView,
  foldIdentifier,
  type Identifier,
  parseStatement,
  printStatement,
  type Query,
} from '../../sql/index.ts';
import type { CommandResult } from '../contract.ts';
import { alreadyThere, createOrReplace, unlessThere } from '../ddl/create-or-replace.ts';
import { newObjectName, placeOfNew } from '../ddl/object-name.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';
import { viewOptions } from '../ddl/relation-options.ts';
import { checkOptions } from '../ddl/resolve-options.ts';
import { type CheckedPlan, continuousPlan, ON_ROW_ERROR } from '../engine/index.ts';
import { binderOf, bindsAsStored, boundCatalog } from '../statement-binding.ts';
import { cancellable, type StatementContext, type StatementHandler } from '../statement-context.ts';
import { STATE_TTL, withDeclaredHints } from './declared-hints.ts';
import { storedQuery } from './stored-query.ts';

/** CREATE VIEW: a name for a query, inlined wherever it is read. */
export const createView: StatementHandler<'create-view'> = {
  kind: 'create-view',
  async execute(statement, context) {
    const named = await placeOfNew(statement, context);
    const tag: CommandResult = { kind: 'command', tag: 'CREATE VIEW' };
    if (alreadyThere(named, { statement, context })) return tag;
    const uses: RelationUse[] = [];
    const bound = binderOf(context, (use) => uses.push(use)).query(statement.query);
    refuseParameters(bound);
    const stored = { ...statement, query: storedQuery(statement.query, uses) };
    const draft: RelationDraft = { ...viewDraft(stored, bound), ...named, kind: 'view', appendOnly: false, uniqueKeys: [] };
    await createOrReplace(draft, { statement, context });
    return tag;
  },
};

/** What is kept has no client to supply values. Errors: 42P02. */
function refuseParameters(bound: BoundQuery): void {
  if (bound.parameterTypes.length === 0) return;
  throw new SqlError({ code: SqlState.undefinedParameter, message: 'there is no parameter $1' });
}

/** CREATE MATERIALIZED VIEW: a continuous job; returns when the view is published (or at once with background_ddl). */
export const createMaterializedView: StatementHandler<'create-materialized-view'> = {
  kind: 'create-materialized-view',
  async execute(statement, context) {
    const named = newObjectName(statement.name, context);
    const tag: CommandResult = { kind: 'command', tag: 'CREATE MATERIALIZED VIEW' };
    if (alreadyThere(named, { statement, context })) return tag;
    return createContinuousView({ ...statement, query: withDialectEmit(statement.query, context) }, named, context);
  },
};

/** Flink shows a window when it has closed, where it can close; the choice is written into the query that is kept. */
function withDialectEmit(query: CreateView['query'], context: StatementContext): CreateView['query'] {
  if (query.emit !== null || context.session.settings.get('sql_dialect') !== 'flink') return query;
  const plan = continuousPlan(binderOf(context).continuousQuery(query), 'on-update', context.engine.parts);
  if (plan.window === null || plan.latenessMicros === null || plan.appendOnly) return query;
  return { ...query, emit: { kind: 'emit', mode: 'on window close', span: query.span } };
}

async function createContinuousView(
  statement: CreateMaterializedView,
  named: { readonly schema: string; readonly name: string },
  context: StatementContext,
): Promise<CommandResult> {
  const { draft, checked } = materializedViewDraft(statement, named, context);
  const { accepted } = context.engine;
  const inBackground = context.session.transaction?.explicit !== true && context.session.settings.get('background_ddl') === 'on';
  const isThere = context.definer.snapshot.relation(draft.schema, draft.name) !== null;
  const isMade = accepted.named(draft) !== null;
  const tag: CommandResult = { kind: 'command', tag: 'CREATE MATERIALIZED VIEW' };
  if (inBackground && !isThere && !isMade) {
    await accepted.accept(draft).catch(unlessThere(draft, { statement, context }));
    return tag;
  }
  // Beside the session nobody cancels it.
  const signal = inBackground ? new AbortController().signal : context.signal;
  const make = (): Promise<void> => createOrReplace(draft, { statement, context: { ...context, signal }, checked });
  // With OR REPLACE what is being made now is there before it is replaced.
  const work = isMade ? accepted.madeOrNot(draft).then(make) : make();
  if (inBackground) context.engine.inBackground(work, `CREATE OR REPLACE MATERIALIZED VIEW ${named.name}`);
  else await cancellable(work, context.signal);
  return tag;
}

/** The materialized view as it is, but for its query. Errors: 42809 for what is none. */
export function draftOfOtherQuery(
  relation: Relation,
  query: Query,
  { position, context }: { readonly position: number; readonly context: StatementContext },
): RelationDraft {
  if (relation.kind !== 'materialized view') {
    throw new SqlError({
      code: SqlState.wrongObjectType,
      message: `"${relation.name}" is not a materialized view`,
      hint: relation.kind === 'view' ? 'Use CREATE OR REPLACE VIEW.' : undefined,
      position,
    });
  }
  const statement = { ...(parseStatement(relation.statement) as CreateMaterializedView), query };
  return materializedViewDraft(statement, { schema: relation.schema, name: relation.name }, context).draft;
}

/** The relation of CREATE MATERIALIZED VIEW, checked whole; `checked`: null when its text may be planned otherwise. */
function materializedViewDraft(
  written: CreateMaterializedView,
  named: { readonly schema: string; readonly name: string },
  context: StatementContext,
): { readonly draft: RelationDraft; readonly checked: CheckedPlan | null } {
  const options = checkOptions(written.options, viewOptions, 'a materialized view');
  const statement = { ...written, query: withDeclaredHints(written.query, context, options.get(STATE_TTL)) };
  const uses: RelationUse[] = [];
  const bound = binderOf(context, (use) => uses.push(use)).continuousQuery(statement.query);
  refuseParameters(bound);
  const plan = continuousPlan(bound, bound.emit ?? 'on-update', context.engine.parts);
  for (const warning of planWarnings(plan)) context.notice({ severity: 'WARNING', code: SqlState.warning, ...warning });
  const { appendOnly, uniqueKeys } = plan;
  const onRowError = context.session.settings.get(ON_ROW_ERROR);
  if (!options.has(ON_ROW_ERROR) && onRowError === 'fail') options.set(ON_ROW_ERROR, onRowError);
  const draft: RelationDraft = {
    ...viewDraft({ ...statement, query: storedQuery(statement.query, uses) }, bound),
    ...named,
    kind: 'materialized view',
    options: options.size > 0 ? options : null,
    appendOnly,
    uniqueKeys,
    eventTimes: eventTimesOf(bound.plan),
  };
  return { draft, checked: bindsAsStored(bound.plan, named.schema, context) ? { plan, catalog: boundCatalog(context) } : null };
}

function viewDraft(
  statement: CreateView | CreateMaterializedView,
  bound: BoundQuery,
): Omit<RelationDraft, 'schema' | 'name' | 'kind' | 'appendOnly' | 'uniqueKeys'> {
  return {
    columns: viewColumns(bound, statement.columns),
    primaryKey: null,
    watermark: null,
    options: null,
    query: printStatement(statement.query),
    statement: printStatement({ ...statement, orReplace: false }),
    dependsOn: bound.reads,
    comment: statement.comment,
  };
}

/** Output columns under the names of the column list, or of the query. Errors: 42601 for too many names, 42701 for one used twice. */
export function viewColumns(bound: BoundQuery, names: readonly Identifier[]): readonly RelationColumn[] {
  const { fields } = bound.plan;
  if (names.length > fields.length) {
    throw new SqlError({
      code: SqlState.syntaxError,
      message: 'CREATE VIEW specifies more column names than columns',
      position: names[fields.length]!.span.start,
    });
  }
  const seen = new Set<string>();
  return fields.map((field, index) => {
    const written = names[index];
    const name = written === undefined ? field.name : foldIdentifier(written);
    if (seen.has(name)) {
      throw new SqlError({
        code: SqlState.duplicateColumn,
        message: `column "${name}" specified more than once`,
        hint: 'Give one of them another name with AS.',
        position: written?.span.start,
      });
    }
    seen.add(name);
    return { ...physicalColumn(name, field.type), externalName: written?.text ?? name };
  });
}

/** The options of a CREATE MATERIALIZED VIEW, checked; of any other statement there are none. */
export function viewOptionsOf(statement: StatementContext['parsed']['statement']): ReadonlyMap<string, string> | null {
  return statement.kind === 'create-materialized-view' ? checkOptions(statement.options, viewOptions, 'a materialized view') : null;
}

/** The query of a statement that defines something continuous, for EXPLAIN. */
export function definingQuery(statement: StatementContext['parsed']['statement'], context: StatementContext): CreateView['query'] | null {
  if (statement.kind === 'create-materialized-view') {
    return withDeclaredHints(statement.query, context, viewOptionsOf(statement)!.get(STATE_TTL));
  }
  if (statement.kind === 'create-view') return statement.query;
  return statement.kind === 'query' ? withDeclaredHints(statement, context) : null;
}
