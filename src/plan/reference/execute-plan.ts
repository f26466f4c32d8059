import { visitExpression } from '../../expr/index.ts';
import { type LogicalPlan, planExpressions, planInputs, type ScanPlan, subqueryPlan } from '../logical/index.ts';
import { limitBounds } from './evaluate-sort.ts';
import { ReferenceRun, type RunEnvironment } from './reference-run.ts';
import type { Row } from './row.ts';

export type { Row } from './row.ts';

/** What the executor needs from outside. */
export interface PlanEnvironment extends Omit<RunEnvironment, 'rowsOf'> {
  /** Rows of a scan in batches, one row a unit of multiplicity. Called once for each scan of the plan, in no promised order. */
  scan(scan: ScanPlan): AsyncIterable<readonly Row[]>;
}

/**
 * Rows of a plan, in batches. A chain of filters, projections, limits and UNION ALL over scans streams in bounded memory; below any other node the scans
 * are collected first.
 */
export async function* executePlan(plan: LogicalPlan, environment: PlanEnvironment): AsyncGenerator<readonly Row[]> {
  const collected = new Map<ScanPlan, readonly Row[]>();
  const run = new ReferenceRun({
    ...environment,
    rowsOf: (scan) => collected.get(scan) ?? [],
  });
  yield* stream(plan, { environment, collected, run });
}

interface Execution {
  readonly environment: PlanEnvironment;
  readonly collected: Map<ScanPlan, readonly Row[]>;
  readonly run: ReferenceRun;
}

async function* stream(plan: LogicalPlan, execution: Execution): AsyncGenerator<readonly Row[]> {
  const { run, environment } = execution;
  if (plan.kind === 'scan') yield* environment.scan(plan);
  else if (plan.kind === 'filter') {
    await collectSubqueries(plan, execution);
    const test = run.test(plan.predicate);
    for await (const rows of stream(plan.input, execution)) yield rows.filter(test);
  } else if (plan.kind === 'project') {
    await collectSubqueries(plan, execution);
    const project = run.projection(plan.expressions);
    for await (const rows of stream(plan.input, execution)) yield rows.map(project);
  } else if (plan.kind === 'limit' && !plan.withTies) yield* streamLimit(plan, execution);
  else if (plan.kind === 'set-operation' && plan.operator === 'union' && plan.all) {
    for (const input of plan.inputs) yield* stream(input, execution);
  } else {
    for (const scan of scansOf(plan)) await collect(scan, execution);
    yield run.rows(plan);
  }
}

async function* streamLimit(plan: Extract<LogicalPlan, { readonly kind: 'limit' }>, execution: Execution): AsyncGenerator<readonly Row[]> {
  await collectSubqueries(plan, execution);
  const { limit, offset } = limitBounds(plan, execution.run);
  let skip = offset;
  let missing = limit ?? Number.POSITIVE_INFINITY;
  if (missing === 0) return;
  for await (const rows of stream(plan.input, execution)) {
    const from = Math.min(skip, rows.length);
    skip -= from;
    const taken = rows.slice(from, Math.min(rows.length, from + missing));
    missing -= taken.length;
    if (taken.length > 0) yield taken;
    if (missing <= 0) return;
  }
}

/** Scans inside the subqueries of one node's own expressions. */
async function collectSubqueries(plan: LogicalPlan, execution: Execution): Promise<void> {
  for (const inner of innerPlans(plan)) for (const scan of scansOf(inner)) await collect(scan, execution);
}

async function collect(scan: ScanPlan, { environment, collected }: Execution): Promise<void> {
  if (collected.has(scan)) return;
  const all: Row[] = [];
  for await (const rows of environment.scan(scan)) for (const row of rows) all.push(row);
  collected.set(scan, all);
}

/** Every scan of a plan, those of its subqueries included. */
export function scansOf(plan: LogicalPlan): ScanPlan[] {
  if (plan.kind === 'scan') return [plan];
  return [...planInputs(plan), ...innerPlans(plan)].flatMap(scansOf);
}

function innerPlans(plan: LogicalPlan): LogicalPlan[] {
  const found: LogicalPlan[] = [];
  for (const expression of planExpressions(plan)) {
    visitExpression(expression, (node) => {
      if (node.kind === 'subquery') found.push(subqueryPlan(node));
    });
  }
  return found;
}
