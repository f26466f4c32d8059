import { SqlError, SqlState } from '../../../base/index.ts';
import type { Relation } from '../../../catalog/index.ts';
import type { BoundQuery, EmitMode, OperatorNode, PhysicalPlan } from '../../../plan/index.ts';
import { type ExplainedRelation, foldIdentifier, quoteRelation, type Statement } from '../../../sql/index.ts';
import { requireRelation } from '../../ddl/object-name.ts';
import {
  continuousPlan,
  hasContent,
  type RelationJob,
  relationsOf,
  StatementBinder,
  sinkJob,
  sinkPlan,
  sinkRoot,
  sourceRoot,
  unnamedView,
  viewJob,
  viewRoot,
} from '../../engine/index.ts';
import { binderOf } from '../../statement-binding.ts';
import type { StatementContext } from '../../statement-context.ts';
import { sinkDraft } from '../create-sink.ts';
import { definingQuery, viewOptionsOf } from '../create-view.ts';
import { withDeclaredHints } from '../declared-hints.ts';

/** A query to explain, with the job that runs it or would. */
export interface ExplainedQuery {
  readonly bound: BoundQuery;
  readonly emit: EmitMode;
  /** A one-time SELECT above stored relations has no operators; its logical plan is what runs. */
  readonly runsOnce: boolean;
  /** What is there already and runs; null where the statement would make it. */
  readonly relation: Relation | null;
  /** What a sink promises of what it writes; null for everything else. */
  readonly delivery: string | null;
  /** The operators of the query, the sink's own included. */
  readonly plan: () => PhysicalPlan;
  /** The same with the operator that keeps a view's rows, as the job has it. */
  readonly root: () => OperatorNode;
  readonly job: () => RelationJob;
}

/** Binds what a statement would run, or what a relation is made by. Errors: 0A000 for statements without a plan, 42P01, 42809. */
export async function explainedQuery(target: Statement | ExplainedRelation, context: StatementContext): Promise<ExplainedQuery> {
  if (target.kind === 'explained-relation') return queryOfRelation(requireExplained(target, context), context);
  if (target.kind === 'create-sink') {
    const draft = await sinkDraft(target, { schema: 'public', name: foldIdentifier(target.name.parts.at(-1)!) }, withoutValidation(context));
    const source =
      target.source.kind === 'query'
        ? binderOf(context).continuousQuery(withDeclaredHints(target.source, context))
        : allOf(requireRelation(target.source, context), context);
    return queryOfSink({ ...draft, oid: 0 }, source, { context, relation: null });
  }
  const query = definingQuery(target, context);
  if (query === null) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `EXPLAIN of ${target.kind.replaceAll('-', ' ').toUpperCase()} is not supported yet`,
      hint: 'It explains SELECT, CREATE VIEW, CREATE MATERIALIZED VIEW, CREATE SINK, and relations by name.',
      position: target.span.start,
    });
  }
  const bound = binderOf(context).optimizedQuery(query);
  const once =
    target.kind === 'query' && bound.emit === null && relationsOf(bound.plan).every((relation) => relation.kind === 'system' || hasContent(relation));
  if (once || target.kind === 'create-view') return queryOfView(bound, { context, relation: null, runsOnce: once });
  return queryOfView(binderOf(context).continuousQuery(query), { context, relation: null, runsOnce: false, options: viewOptionsOf(target) });
}

/** The named relation, which is of the kind that was written. Errors: 42P01, 42809. */
export function requireExplained(target: Pick<ExplainedRelation, 'type' | 'name'>, context: StatementContext): Relation {
  const relation = requireRelation(target.name, context);
  if (target.type !== null && target.type !== relation.kind) {
    throw new SqlError({
      code: SqlState.wrongObjectType,
      message: `"${relation.name}" is a ${relation.kind}, not a ${target.type}`,
      position: target.name.span.start,
    });
  }
  return relation;
}

function queryOfRelation(relation: Relation, context: StatementContext): ExplainedQuery {
  const binder = catalogBinder(relation, context);
  switch (relation.kind) {
    case 'materialized view':
      return queryOfView(binder.continuousQueryText(relation.query!), { context, relation, runsOnce: false });
    case 'sink':
      return queryOfSink(relation, binder.continuousQueryText(relation.query!), { context, relation });
    case 'stream':
    case 'table': {
      const whole = queryOfView(allOf(relation, context), { context, relation, runsOnce: false });
      const { parts } = context.engine;
      const root = () => sourceRoot(relation, parts, binder);
      return { ...whole, plan: root, root, job: () => context.engine.jobOf(relation) };
    }
    default:
      return queryOfView(allOf(relation, context), { context, relation: null, runsOnce: relation.kind === 'system' });
  }
}

interface QueryParts {
  readonly context: StatementContext;
  readonly relation: Relation | null;
}

interface ViewParts extends QueryParts, Pick<ExplainedQuery, 'runsOnce'> {
  /** Those the view is to have; of one that is there its own count. */
  readonly options?: ReadonlyMap<string, string> | null;
}

function queryOfView(bound: BoundQuery, { context, relation, runsOnce, options = null }: ViewParts): ExplainedQuery {
  const { parts } = context.engine;
  const emit = bound.emit ?? 'on-update';
  const plan = () => continuousPlan(bound, emit, parts);
  const unnamed = unnamedView(bound, { oid: 0, schema: 'public', name: 'explained', uniqueKeys: [], appendOnly: false });
  const made = relation ?? { ...unnamed, options };
  return {
    bound,
    emit,
    runsOnce,
    relation,
    delivery: null,
    plan,
    root: () => viewRoot(plan(), made, parts),
    job: () => viewJob(made, plan(), parts),
  };
}

function queryOfSink(sink: Relation, bound: BoundQuery, { context, relation }: QueryParts): ExplainedQuery {
  const { parts } = context.engine;
  const options = sink.options!;
  const input = () => sinkPlan(bound, { options, key: sink.primaryKey }, parts);
  const root = () => sinkRoot(input(), sink, parts);
  const connector = parts.registries.connectors.get(options.get('connector')!)!;
  return {
    bound,
    emit: bound.emit ?? 'on-update',
    runsOnce: false,
    relation,
    delivery: connector.sink!.delivery(options),
    plan: root,
    root: () => sinkRoot(input(), { ...sink, options: connector.internal ? options : parts.bindConnector(options) }, parts),
    job: () => sinkJob(relation === null ? { ...sink, name: 'explained' } : sink, input(), parts),
  };
}

/** SELECT * FROM the relation. */
function allOf(relation: Relation, context: StatementContext): BoundQuery {
  return catalogBinder(relation, context).continuousQueryText(`SELECT * FROM ${quoteRelation(relation)}`);
}

function catalogBinder(relation: Relation, { engine }: StatementContext): StatementBinder {
  return StatementBinder.forCatalog(engine, engine.snapshot.storedReader(relation), { dependsOn: relation.dependsOn });
}

/** EXPLAIN asks nobody outside. */
function withoutValidation(context: StatementContext): StatementContext {
  const settings = Object.create(context.session.settings) as typeof context.session.settings;
  Object.defineProperty(settings, 'get', { value: (name: string) => (name === 'connector_validation' ? 'off' : context.session.settings.get(name)) });
  return { ...context, session: { ...context.session, settings } };
}
