import type { Expression } from '../../expr/index.ts';
import type { Datum } from '../../types/index.ts';
import {
  type FilterPlan,
  freeOuterColumns,
  freeRecursions,
  type LogicalPlan,
  type ProjectPlan,
  planInputs,
  type ScanPlan,
  type ValuesPlan,
  withPlanInputs,
} from '../logical/index.ts';
import { limitBounds } from './evaluate-sort.ts';
import { inPieces, limitHeld, type Pieces } from './pieces.ts';
import { ReferenceRun, type RunEnvironment } from './reference-run.ts';
import type { Row } from './row.ts';
import { scansOf, subqueriesOf } from './scans-of.ts';
import { ownWaitingCall, refuseWaiting, valueAfterWaiting, waitingCallOf } from './waiting-calls.ts';

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
  return trace === undefined || !isStream(plan) ? made : trace.stream(plan, made);
}

async function* streamed(plan: LogicalPlan, execution: Execution): AsyncGenerator<readonly Row[]> {
  const { run, environment } = execution;
  if (plan.kind === 'scan') yield* environment.scan(plan);
  else if (plan.kind === 'filter' || plan.kind === 'project') {
    await collectSubqueries(plan, execution);
    if (ownWaitingCall(plan, environment.functions) !== null) yield* waitingRows(plan, execution);
    else for await (const rows of stream(plan.input, execution)) yield* paced(run.over(plan, inPieces(rows)), environment);
  } else if (isStreamLimit(plan)) yield* streamLimit(plan, execution);
  else if (isUnionAll(plan)) {
    for (const input of plan.inputs) yield* stream(input, execution);
  } else {
    const ready = await withoutWaiting(plan, execution);
    for (const scan of scansOf(ready)) await collect(scan, execution);
    yield* paced(run.pieces(ready), environment);
  }
}

/** A filter or a projection whose calls wait: row by row, and each call only when those before it have answered. */
async function* waitingRows(plan: FilterPlan | ProjectPlan, execution: Execution): AsyncGenerator<readonly Row[]> {
  const { run } = execution;
  refuseInSubqueries(plan, execution);
  for await (const rows of stream(plan.input, execution)) {
    for (const row of rows) {
      if (plan.kind === 'project') yield [await valuesAfterWaiting(plan.expressions, row, run)];
      else if ((await valueAfterWaiting(plan.predicate, row, run)) === true) yield [row];
    }
  }
}

async function valuesAfterWaiting(expressions: readonly Expression[], row: Row, run: ReferenceRun): Promise<Row> {
  const values: (Datum | null)[] = [];
  for (const expression of expressions) values.push(await valueAfterWaiting(expression, row, run));
  return values;
}

/** A plan that is worked out at one go, with the parts of it that wait replaced by their rows. Errors: 0A000 where a call waits anywhere else. */
async function withoutWaiting(plan: LogicalPlan, execution: Execution): Promise<LogicalPlan> {
  const { functions } = execution.environment;
  if (waitingCallOf(plan, functions) === null) return plan;
  const ready = await readyPlan(plan, execution);
  refuseWaiting(ready, functions);
  return ready;
}

async function readyPlan(plan: LogicalPlan, execution: Execution): Promise<LogicalPlan> {
  if (waitingCallOf(plan, execution.environment.functions) === null) return plan;
  const standsAlone = freeOuterColumns(plan).length === 0 && freeRecursions(plan).size === 0;
  if (standsAlone && plan.kind === 'values') return readyValues(plan, execution);
  if (standsAlone && isStream(plan)) {
    const rows: Row[] = [];
    for await (const piece of stream(plan, execution)) {
      for (const row of piece) rows.push(row);
      limitHeld(rows.length, plan.fields.length);
    }
    return valuesOf(plan, rows);
  }
  const inputs: LogicalPlan[] = [];
  for (const input of planInputs(plan)) inputs.push(await readyPlan(input, execution));
  return withPlanInputs(plan, inputs);
}

async function readyValues(plan: ValuesPlan, execution: Execution): Promise<LogicalPlan> {
  refuseInSubqueries(plan, execution);
  const rows: Row[] = [];
  for (const row of plan.rows) rows.push(await valuesAfterWaiting(row, [], execution.run));
  return valuesOf(plan, rows);
}

/** The plans of subqueries are worked out at one go. */
function refuseInSubqueries(plan: LogicalPlan, { environment }: Execution): void {
  for (const inner of subqueriesOf(plan)) refuseWaiting(inner, environment.functions);
}

function valuesOf({ fields }: LogicalPlan, rows: readonly Row[]): ValuesPlan {
  return {
    kind: 'values',
    rows: rows.map((row) => fields.map(({ type }, index) => ({ kind: 'literal', type, value: row[index] ?? null }))),
    fields,
  };
}

function isStream(plan: LogicalPlan): boolean {
  return plan.kind === 'scan' || plan.kind === 'filter' || plan.kind === 'project' || isStreamLimit(plan) || isUnionAll(plan);
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
