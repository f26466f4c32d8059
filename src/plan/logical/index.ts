/**
 * The logical algebra: a closed union of relational nodes and the functions over it (inputs, rewriting, schema checks).
 *
 * No placement, no operators. Every optimizer rule maps a LogicalPlan to an equal one, and the verifier proves the shape after each.
 *
 * Start reading at logical-plan.ts.
 */

export { actsOnSession } from './acts-on-session.ts';
export { asOfCondition } from './as-of-condition.ts';
export { isBroadcast, withBroadcast } from './broadcast.ts';
export { continuousLeaf, leafPosition, overReadLeaf, readLeaf, readLeafPosition } from './continuous-leaf.ts';
export { expressionKey } from './expression-key.ts';
export { freeRecursions } from './free-recursions.ts';
export { GROUPING_SIGNATURE, groupingBits } from './grouping-call.ts';
export { isLeftOnly, keepsLeft, keepsRight } from './join-sides.ts';
export { keepsInputOrder } from './keeps-input-order.ts';
export type {
  AggregateCall,
  AggregatePlan,
  AsOfJoinPlan,
  AsOfTime,
  BindingPlan,
  BoundQuery,
  DistinctPlan,
  EmitMode,
  Field,
  FilterPlan,
  FrameBound,
  JoinPlan,
  JoinType,
  LimitPlan,
  LogicalPlan,
  MatchRecognizePlan,
  MutualRecursionPlan,
  OverCall,
  OverPlan,
  ProjectPlan,
  RecursionPlan,
  RecursiveScanPlan,
  ScanPartitioning,
  ScanPlan,
  SetOperationPlan,
  SortKey,
  SortPlan,
  TableFunctionPlan,
  ValuesPlan,
  WindowAssignPlan,
  WindowShape,
} from './logical-plan.ts';
export { matchFields } from './match-fields.ts';
export { moveColumns, rowColumns } from './move-columns.ts';
export {
  freeOuterColumns,
  mapOuterColumns,
  mapOuterColumnsOfExpression,
  pushRow,
  shiftOuterColumns,
  subqueryPlan,
} from './outer-columns.ts';
export { mapAggregateCall, mapOverCall, mapPlanExpressions, planExpressions } from './plan-expressions.ts';
export { mapPlan, planInputs, withPlanInputs } from './plan-inputs.ts';
export { printedPlan, printLogicalPlan } from './print-logical-plan.ts';
export { stateTtlOf, withStateTtl } from './state-ttl.ts';
export { substituteColumns } from './substitute-columns.ts';
export { momentCall, splitTemporalFilter } from './temporal-filter.ts';
export { eventTimeColumn, eventTimesOf, settledProgress, type TimeProgress, timeProgress } from './time-progress.ts';
export { closestKey, type TimedKey } from './timed-key.ts';
export { verifyLogicalPlan } from './verify-logical-plan.ts';
