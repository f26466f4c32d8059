import { nearestNames, SqlError, SqlState } from '../../base/index.ts';
import { compileCalc } from '../../expr/index.ts';
import type { EdgeColumn, JobGraph } from '../../jobgraph/index.ts';
import { type BoundQuery, type EmitMode, explainJobGraph, explainPhysical, printLogicalPlan } from '../../plan/index.ts';
import { type ExplainStatement, foldIdentifier, type Statement } from '../../sql/index.ts';
import { requireRelation } from '../ddl/object-name.ts';
import { continuousPlan, hasContent, type RelationJob, relationsOf, StatementBinder, sinkJob, sinkPlan, sinkRoot, viewJob } from '../engine/index.ts';
import { binderOf } from '../statement-binding.ts';
import type { StatementContext, StatementHandler } from '../statement-context.ts';
import { rowsResult, textFields } from '../text-result.ts';
import { sinkDraft } from './create-sink.ts';
import { definingQuery } from './create-view.ts';

const fields = textFields('QUERY PLAN');

/** EXPLAIN [LOGICAL | PHYSICAL | JOBGRAPH | (CODEGEN)] statement: what would run, stage by stage. Runs nothing. */
export const explain: StatementHandler<'explain'> = {
  kind: 'explain',
  describe: () => ({ parameterTypes: [], fields }),
  async execute(statement, context) {
    if (statement.analyze)
      throw new SqlError({ code: SqlState.featureNotSupported, message: 'EXPLAIN ANALYZE is not supported yet', position: statement.span.start });
    requireKnownOptions(statement);
    const lines = await explainLines(statement, context);
    return rowsResult(
      fields,
      lines.map((line) => [line]),
      'EXPLAIN',
    );
  },
};

/** Options of PostgreSQL about figures that are not printed anyway, and of Flink about details that always are. */
const HARMLESS_OPTIONS: readonly string[] = [
  ...['costs', 'settings', 'generic_plan', 'buffers', 'wal', 'timing', 'summary', 'memory', 'serialize'],
  ...['estimated_cost', 'changelog_mode', 'plan_advice'],
];

function requireKnownOptions(statement: ExplainStatement): void {
  for (const { key, value, span } of statement.options) {
    if (HARMLESS_OPTIONS.includes(key) || (key === 'format' && value.text.toLowerCase() === 'text')) continue;
    const position = span.start;
    if (key === 'format' || key === 'json_execution_plan')
      throw new SqlError({ code: SqlState.featureNotSupported, message: 'EXPLAIN prints text only', hint: 'Leave FORMAT out.', position });
    const near = nearestNames(key, [...HARMLESS_OPTIONS, 'format', 'analyze', 'verbose', 'logical', 'physical', 'jobgraph', 'codegen'], 1)[0];
    throw new SqlError({
      code: SqlState.syntaxError,
      message: `unrecognized EXPLAIN option "${key}"`,
      hint: near === undefined ? undefined : `Perhaps you meant "${near}".`,
      position,
    });
  }
}

async function explainLines(statement: ExplainStatement, context: StatementContext): Promise<readonly string[]> {
  const target = statement.statement;
  const bound = await boundTarget(target, context);
  switch (statement.stage) {
    case 'logical':
      return printLogicalPlan(bound.plan).split('\n');
    case 'plan':
    case 'physical':
      return physicalLines(target, bound, context);
    case 'jobgraph':
      return explainJobGraph((await jobOf(target, bound, context)).graph);
    case 'codegen':
      return codegenLines(target, bound, context);
    default:
      throw new SqlError({
        code: SqlState.featureNotSupported,
        message: `EXPLAIN ${statement.stage.toUpperCase()} is not supported yet`,
        position: statement.span.start,
      });
  }
}

async function boundTarget(target: Statement, context: StatementContext): Promise<BoundQuery> {
  const query = definingQuery(target);
  if (query !== null) return binderOf(context).optimizedQuery(query);
  if (target.kind === 'create-sink' && target.source.kind === 'qualified-name') {
    const { schema, name } = requireRelation(target.source, context);
    const text = [schema, name].map((part) => `"${part.replaceAll('"', '""')}"`).join('.');
    return StatementBinder.forCatalog(context.engine, context.engine.snapshot.reader([schema])).continuousQueryText(`SELECT * FROM ${text}`);
  }
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `EXPLAIN of ${target.kind.replaceAll('-', ' ').toUpperCase()} is not supported yet`,
    hint: 'It explains SELECT, CREATE VIEW, CREATE MATERIALIZED VIEW and CREATE SINK.',
    position: target.span.start,
  });
}

function emitOf(bound: BoundQuery): EmitMode {
  return bound.emit ?? 'on-update';
}

/** A one-time SELECT above stored relations has no operators; its logical plan is what runs. */
function runsOnce(target: Statement, bound: BoundQuery): boolean {
  return (
    target.kind === 'query' && bound.emit === null && relationsOf(bound.plan).every((relation) => relation.kind === 'system' || hasContent(relation))
  );
}

async function physicalLines(target: Statement, bound: BoundQuery, context: StatementContext): Promise<readonly string[]> {
  if (runsOnce(target, bound)) return [...printLogicalPlan(bound.plan).split('\n'), 'Emit: once, at one epoch'];
  const { parts } = context.engine;
  if (target.kind === 'create-sink') {
    const draft = await sinkDraft(target, { schema: 'public', name: foldIdentifier(target.name.parts.at(-1)!) }, withoutValidation(context));
    const sink = parts.registries.connectors.get(draft.options!.get('connector')!)!.sink!;
    const plan = sinkPlan(bound, { options: draft.options!, key: draft.primaryKey }, parts);
    return [...explainPhysical(sinkRoot(plan, draft, parts)), `Delivery: ${sink.delivery(draft.options!)}`];
  }
  return [...explainPhysical(continuousPlan(bound, emitOf(bound), parts)), `Emit: ${emitOf(bound).replaceAll('-', ' ')}`];
}

/** EXPLAIN asks nobody outside. */
function withoutValidation(context: StatementContext): StatementContext {
  const settings = Object.create(context.session.settings) as typeof context.session.settings;
  Object.defineProperty(settings, 'get', { value: (name: string) => (name === 'connector_validation' ? 'off' : context.session.settings.get(name)) });
  return { ...context, session: { ...context.session, settings } };
}

async function jobOf(target: Statement, bound: BoundQuery, context: StatementContext): Promise<RelationJob> {
  const { parts } = context.engine;
  const columns = bound.plan.fields.map(({ name, type }) => ({
    name,
    externalName: name,
    type,
    nullable: true,
    source: { kind: 'physical' as const },
    defaultExpression: null,
  }));
  const relation = {
    oid: 0,
    schema: 'public',
    name: 'explained',
    columns,
    uniqueKeys: [],
    watermark: null,
    query: null,
    statement: '',
    dependsOn: [],
    comment: null,
  };
  if (target.kind === 'create-sink') {
    const draft = await sinkDraft(target, { schema: 'public', name: 'explained' }, withoutValidation(context));
    return sinkJob({ ...draft, oid: 0 }, sinkPlan(bound, { options: draft.options!, key: draft.primaryKey }, parts), parts);
  }
  const plan = continuousPlan(bound, emitOf(bound), parts);
  return viewJob({ ...relation, kind: 'materialized view', primaryKey: null, options: null, appendOnly: plan.appendOnly }, plan, parts);
}

/** The generated loops of every calc of the plan. */
async function codegenLines(target: Statement, bound: BoundQuery, context: StatementContext): Promise<readonly string[]> {
  if (runsOnce(target, bound) && relationsOf(bound.plan).length === 0) return ['nothing is compiled: the statement reads no relation'];
  const { graph } = await jobOf(target, bound, context);
  const { registries } = context.engine;
  const lines: string[] = [];
  for (const vertex of graph.vertices) {
    for (const operator of vertex.operators) {
      const calc = registries.roots.calcOf(operator);
      if (calc === null) continue;
      const inputColumns = inputColumnsOf(graph, vertex, vertex.operators.indexOf(operator));
      const compiled = compileCalc({ ...calc, inputColumns, functions: registries.lookup, interpreted: false });
      lines.push(`-- ${vertex.id}: ${operator.label}`, ...compiled.text().split('\n'));
    }
  }
  return lines.length === 0 ? ['no expression of this query is compiled'] : lines;
}

/** Columns an operator of a chain receives: the one before it, or what the edge or relation into the chain carries. */
function inputColumnsOf(graph: JobGraph, vertex: JobGraph['vertices'][number], position: number): readonly EdgeColumn[] {
  if (position > 0) return vertex.operators[position - 1]!.outputColumns;
  const relation = graph.inputs.find((input) => input.to === vertex.id);
  if (relation !== undefined) return relation.columns;
  const edge = graph.edges.find((one) => one.to === vertex.id);
  return graph.vertices.find((one) => one.id === edge?.from)?.operators.at(-1)?.outputColumns ?? [];
}
