/**
 * From a logical plan to a JobGraph: operators chosen by their lowerings, distribution and changelog traits, exchanges only where needed,
 * chaining by Flink's rule, operator ids by content.
 *
 * Knows no operator by name: lowerings come in as a list.
 *
 * Start reading at physical-plan.ts, then lower-plan.ts and build-job-graph.ts.
 */
export { buildJobGraph, type JobGraphOptions } from './build-job-graph.ts';
export { type ChainCandidate, isChainable } from './chaining.ts';
export { exactlyKeyedInput, forwardInput, type KeyedInput, keyedInput, routingOf } from './distribution.ts';
export { type IdentifiedPlan, type KeptOperators, keptOperators, reasonsNotKept } from './kept-operators.ts';
export { lowerPlan } from './lower-plan.ts';
export { lowerScan } from './lower-scan.ts';
export type { Lowering, LoweringContext } from './lowering.ts';
export { planOperatorId } from './operator-id.ts';
export { type ContentGrowth, type KeptState, type OperatorState, STATELESS, type StateBound } from './operator-state.ts';
export type {
  Distribution,
  OperatorNode,
  PhysicalInput,
  PhysicalPlan,
  PhysicalTraits,
  PlanWarning,
  RelationNode,
  WindowColumns,
} from './physical-plan.ts';
export { planWarnings } from './plan-warnings.ts';
export type { ComputedColumns, MaterializedTarget, NeededRowsTarget, PhysicalRoots, SinkTarget, SourceRootOptions } from './roots.ts';
export { FORGOTTEN_BY_TTL, ttlBound, ttlDuration, ttlText, ttlTraits } from './state-ttl.ts';
export { type JudgedState, judgeState, type StateVerdict } from './state-verdict.ts';
export { CLOSED_WINDOWS_GONE, timeBound } from './time-bound.ts';
