import { SqlError, SqlState } from '../../../base/index.ts';
import {
  explainChangelog,
  explainJobGraph,
  explainPhysical,
  judgeState,
  physicalTree,
  planWarnings,
  printedPlan,
  printLogicalPlan,
  printTree,
  treeJson,
} from '../../../plan/index.ts';
import type { ExplainStatement, Statement } from '../../../sql/index.ts';
import { keyAccesses } from '../../engine/index.ts';
import type { StatementContext, StatementHandler } from '../../statement-context.ts';
import { rowsResult, textFields } from '../../text-result.ts';
import { explainAnalyzeJob } from './explain-analyze.ts';
import { explainAnalyzeQuery } from './explain-analyze-query.ts';
import { explainCodegen } from './explain-codegen.ts';
import { type ExplainOptions, explainOptions } from './explain-options.ts';
import { explainRow } from './explain-row.ts';
import { explainRunningState } from './explain-running-state.ts';
import { type ExplainedQuery, explainedQuery, requireExplained } from './explain-target.ts';
import { explainUpgrade } from './explain-upgrade.ts';
import { explainWatermark } from './explain-watermark.ts';
import type { Explanation } from './explanation.ts';

const fields = textFields('QUERY PLAN');

/** EXPLAIN: what a statement would run, or what a relation runs, stage by stage. Only ANALYZE of a SELECT runs anything. */
export const explain: StatementHandler<'explain'> = {
  kind: 'explain',
  describe: () => ({ parameterTypes: [], fields }),
  async execute(statement, context) {
    const options = explainOptions(statement);
    const { lines, json } = await explanationOf(statement, options, context);
    const shown = options.json ? JSON.stringify([json], null, 2).split('\n') : lines;
    // One value for tools, a row a line for people.
    const rows = options.json ? [[shown.join('\n')]] : shown.map((line) => [line]);
    return rowsResult(fields, rows, 'EXPLAIN');
  },
};

async function explanationOf(statement: ExplainStatement, options: ExplainOptions, context: StatementContext): Promise<Explanation> {
  const { target, analyze } = statement;
  if (target.kind === 'explained-row') return explainRow(target, context);
  if (target.kind === 'explained-upgrade') return explainUpgrade(target, context);
  if (analyze) {
    if (target.kind !== 'explained-relation') return analyzed(target, context);
    return explainAnalyzeJob(requireExplained(target, context), context, target.name.span.start);
  }
  const query = await explainedQuery(target, context);
  switch (options.executionPlan ? 'jobgraph' : statement.stage) {
    case 'logical':
      return logical(query);
    case 'plan':
    case 'physical':
      return physical(query, options, context);
    case 'jobgraph':
      return jobGraph(query);
    case 'codegen': {
      const lines = explainCodegen(query, context);
      return { lines, json: { Code: lines.join('\n') } };
    }
    case 'changelog':
      return changelog(query);
    case 'state':
      return query.runsOnce ? { lines: ['State: none, a SELECT keeps nothing'], json: { State: [] } } : explainRunningState(query, context);
    case 'watermark':
      return explainWatermark(query, context);
    default:
      throw unsupported(statement, statement.stage.toUpperCase());
  }
}

/** Errors: 0A000 for what would run on, or change something. */
async function analyzed(target: Statement, context: StatementContext): Promise<Explanation> {
  const query = target.kind === 'query' ? await explainedQuery(target, context) : null;
  if (query?.bound.emit === null) return explainAnalyzeQuery(query, context);
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `EXPLAIN ANALYZE of ${target.kind === 'query' ? 'a query with EMIT' : target.kind.replaceAll('-', ' ').toUpperCase()} is not supported`,
    hint: 'It runs a SELECT; of what runs already it takes the name: EXPLAIN ANALYZE MATERIALIZED VIEW v.',
    position: target.span.start,
  });
}

function unsupported(statement: ExplainStatement, what: string): SqlError {
  return new SqlError({ code: SqlState.featureNotSupported, message: `EXPLAIN ${what} is not supported yet`, position: statement.span.start });
}

function logical({ bound }: ExplainedQuery): Explanation {
  return { lines: printLogicalPlan(bound.plan).split('\n'), json: { Plan: treeJson(printedPlan(bound.plan)) } };
}

function physical(query: ExplainedQuery, { advice }: ExplainOptions, context: StatementContext): Explanation {
  if (query.runsOnce) return once(query, context);
  const plan = query.plan();
  const promise = query.delivery === null ? `Emit: ${query.emit.replaceAll('-', ' ')}` : `Delivery: ${query.delivery}`;
  const advices = advice ? adviceOf(query) : [];
  return {
    lines: [...explainPhysical(plan), promise, ...advices.map((text) => `Advice: ${text}`)],
    json: {
      Plan: treeJson(physicalTree(plan)),
      ...(query.delivery === null ? { Emit: query.emit } : { Delivery: query.delivery }),
      Warnings: planWarnings(plan).map(({ message }) => message),
      ...(advice ? { Advice: advices } : {}),
    },
  };
}

function once(query: ExplainedQuery, { engine }: StatementContext): Explanation {
  const { lines, json } = logical(query);
  const scans = [...keyAccesses(query.bound.plan, engine.registries.lookup)];
  const indexLines = scans.map(([{ relation }, { index, conditions }]) => `Index Scan: ${relation.name} by ${index}, ${conditions.join(' and ')}`);
  const indexJson = scans.map(([{ relation }, { index, conditions }]) => ({ Relation: relation.name, Index: index, Conditions: conditions }));
  return {
    lines: [...lines, ...indexLines, 'Emit: once, at one epoch'],
    json: { ...(json as object), ...(scans.length > 0 && { 'Index Scans': indexJson }), Emit: 'once' },
  };
}

/** What Flink would advise about: state that has no bound. */
function adviceOf(query: ExplainedQuery): string[] {
  return judgeState(query.root()).flatMap(({ node, kept, verdict }) =>
    verdict.kind === 'unbounded' ? [`${kept.what} of "${node.operator.label}" grow without end; ${verdict.remedy}`] : [],
  );
}

function jobGraph(query: ExplainedQuery): Explanation {
  const { graph } = query.job();
  return {
    lines: explainJobGraph(graph),
    json: {
      Job: graph.name,
      Kind: graph.kind,
      Vertices: graph.vertices.map(({ id, parallelism, operators, slotSharingGroup }) => ({
        Id: id,
        Parallelism: parallelism,
        'Slot Sharing Group': slotSharingGroup,
        Operators: operators.map(({ label }) => label),
      })),
      Edges: graph.edges.map(({ from, to, partitioner }) => ({ From: from, To: to, Partitioner: partitioner.kind })),
      Inputs: graph.inputs.map(({ relation, to, partitioner }) => ({ Relation: relation, To: to, Partitioner: partitioner.kind })),
    },
  };
}

function changelog(query: ExplainedQuery): Explanation {
  const { tree, needs } = explainChangelog(query.plan());
  return { lines: [...printTree(tree), ...needs], json: { Plan: treeJson(tree), Sink: needs } };
}
