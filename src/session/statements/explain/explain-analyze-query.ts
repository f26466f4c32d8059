import { printedPlan, printTree, treeJson } from '../../../plan/index.ts';
import { MeasuredRun, readPlan } from '../../engine/index.ts';
import type { StatementContext } from '../../statement-context.ts';
import { readOptions } from '../query.ts';
import type { ExplainedQuery } from './explain-target.ts';
import type { Explanation } from './explanation.ts';

type TreeNode = Parameters<typeof treeJson>[0];
type PrintedPlan = ReturnType<typeof printedPlan>;

/** Runs a SELECT to its end, throws its rows away and says what each node did: rows, runs, and the time with that of the nodes below. */
export async function explainAnalyzeQuery({ bound }: ExplainedQuery, context: StatementContext): Promise<Explanation> {
  const { clock } = context.engine;
  const run = new MeasuredRun(clock);
  const before = clock.monotonicMs();
  let rowCount = 0;
  for await (const batch of readPlan(bound, { ...readOptions(context), trace: run })) rowCount += batch.rowCount;
  const totalMs = clock.monotonicMs() - before;
  const tree = measured(printedPlan(bound.plan), run);
  return {
    lines: [...printTree(withMeasures(tree)), `Rows: ${rowCount}`, `Execution Time: ${totalMs.toFixed(3)} ms`],
    json: { Plan: treeJson(tree), 'Actual Rows': rowCount, 'Execution Time': Number(totalMs.toFixed(3)) },
  };
}

/** A node without a measure never ran, or another one does its work: a limit sorts, a join filters. */
function measured({ plan, text, children }: PrintedPlan, run: MeasuredRun): TreeNode {
  const measure = run.measureOf(plan);
  const below = children.map((child) => measured(child, run));
  if (measure === null) return { text, children: below };
  return {
    text,
    facts: { 'Actual Rows': measure.rows, 'Actual Runs': measure.runs, 'Actual Time': Number(measure.timeMs.toFixed(3)) },
    children: below,
  };
}

/** What tools read as facts, people read behind the node. */
function withMeasures({ text, facts, children }: TreeNode): TreeNode {
  const below = children.map(withMeasures);
  if (facts === undefined) return { text, children: below };
  const repeated = facts['Actual Runs'] === 1 ? '' : ` runs=${facts['Actual Runs']}`;
  return { text: `${text} (actual rows=${facts['Actual Rows']}${repeated} time=${(facts['Actual Time'] as number).toFixed(3)} ms)`, children: below };
}
