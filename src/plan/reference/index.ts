/**
 * The reference executor: evaluates a LogicalPlan over rows of values, one obvious step after another. It is the oracle of the law (every view
 * equals its query over the same inputs), it reads system relations, and it finishes one-time queries above scans of the data plane.
 *
 * It is not fast and not incremental; what streams (filter, project, limit, union all) streams, everything else is collected.
 *
 * Laws
 * - Scans are the only leaves with rows from outside; they arrive as batches of rows with multiplicities expanded.
 * - Work is cut into pieces (pieces.ts): between two of them others may run and a cancel request is heard.
 * - A step that would hold more than its limit fails with 53200; the process does not.
 * - A subquery sees the rows around it, innermost last; uncorrelated ones run once.
 *
 * Start reading at reference-run.ts, then execute-plan.ts.
 */
export { equalPairs } from './evaluate-join.ts';
export { executePlan, type PlanEnvironment, type Row } from './execute-plan.ts';
export { type Lineage, traceRows } from './lineage.ts';
export type { PlanTrace } from './plan-trace.ts';
export { ReferenceRun } from './reference-run.ts';
export { scansOf } from './scans-of.ts';
export { waitingCallOf } from './waiting-calls.ts';
