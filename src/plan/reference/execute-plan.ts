import type { LogicalPlan, ScanPlan } from '../logical/index.ts';
import { limitBounds } from './evaluate-sort.ts';
import { inPieces, limitHeld, type Pieces } from './pieces.ts';
import { ReferenceRun, type RunEnvironment } from './reference-run.ts';
import type { Row } from './row.ts';
import { scansOf, subqueriesOf } from './scans-of.ts';

export type { Row } from './row.ts';

/** What the executor needs from outside. */
export interface PlanEnvironment extends Omit<RunEnvironment, 'rowsOf'> {
  /** Rows of a scan in batches, one row a unit of multiplicity. Called once for each scan of the plan, in no promised order. */
  scan(scan: ScanPlan): AsyncIterable<readonly Row[]>;
  /**
   * Called after each small piece of work: returns a promise to wait for when others should have their turn, null to go on. Rejects, or throws, to end
   * the statement.
   */
  breathe?(): Promise<void> | null;
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

/** A node that is no stream is watched by the run it is a part of. */
function stream(plan: LogicalPlan, execution: Execution): AsyncGenerator<readonly Row[]> {
  const { trace } = execution.environment;
  const made = streamed(plan, execution);
  const isStream = plan.kind === 'scan' || plan.kind === 'filter' || plan.kind === 'project' || isStreamLimit(plan) || isUnionAll(plan);
  return trace === undefined || !isStream ? made : trace.stream(plan, made);
}

async function* streamed(plan: LogicalPlan, execution: Execution): AsyncGenerator<readonly Row[]> {
  const { run, environment } = execution;
  if (plan.kind === 'scan') yield* environment.scan(plan);
  else if (plan.kind === 'filter' || plan.kind === 'project') {
    await collectSubqueries(plan, execution);
    for await (const rows of stream(plan.input, execution)) yield* paced(run.over(plan, inPieces(rows)), environment);
  } else if (isStreamLimit(plan)) yield* streamLimit(plan, execution);
  else if (isUnionAll(plan)) {
    for (const input of plan.inputs) yield* stream(input, execution);
  } else {
    for (const scan of scansOf(plan)) await collect(scan, execution);
    yield* paced(run.pieces(plan), environment);
  }
}

function isStreamLimit(plan: LogicalPlan): plan is Extract<LogicalPlan, { readonly kind: 'limit' }> {
  return plan.kind === 'limit' && plan.input.kind !== 'sort';
}

function isUnionAll(plan: LogicalPlan): plan is Extract<LogicalPlan, { readonly kind: 'set-operation' }> {
  return plan.kind === 'set-operation' && plan.operator === 'union' && plan.all;
}

/** Pieces that hold rows; gives way between any two. */
async function* paced(pieces: Pieces, environment: PlanEnvironment): AsyncGenerator<readonly Row[]> {
  for (const rows of pieces) {
    const pause = environment.breathe?.() ?? null;
    if (pause !== null) await pause;
    if (rows.length > 0) yield rows;
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
  for (const inner of subqueriesOf(plan)) for (const scan of scansOf(inner)) await collect(scan, execution);
}

async function collect(scan: ScanPlan, { environment, collected }: Execution): Promise<void> {
  if (collected.has(scan)) return;
  const all: Row[] = [];
  const { trace } = environment;
  for await (const rows of trace === undefined ? environment.scan(scan) : trace.stream(scan, environment.scan(scan))) {
    for (const row of rows) all.push(row);
    limitHeld(all.length, scan.fields.length);
    await environment.breathe?.();
  }
  collected.set(scan, all);
}
