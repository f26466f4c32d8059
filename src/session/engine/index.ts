/**
 * What sessions share: the engine (catalog, cluster, jobs of relations), binding of statements, reading of plans, writers of stored tables.
 *
 * A session is a client's; everything here outlives it.
 *
 * Start reading at engine.ts, then relation-jobs.ts and read-plan.ts.
 */

export { hasSameRules } from './altered-rules.ts';
export { backfillRows } from './backfill-rows.ts';
export { builtFrom } from './built-from.ts';
export type { CheckedPlan } from './checked-plan.ts';
export { type Definer, Definitions, type DefinitionsMark, type Replacement } from './definitions.ts';
export { Engine } from './engine.ts';
export type { EngineParts, EngineRegistries } from './engine-parts.ts';
export { lostState, plannedView } from './kept-state.ts';
export { type KeyAccess, keyAccesses } from './key-access.ts';
export type { LockHolder, LockParty, LockTarget } from './locks.ts';
export { type Measure, MeasuredRun } from './measured-run.ts';
export { namedJobs } from './named-jobs.ts';
export { notBeforeCommit } from './not-before-commit.ts';
export { openEngine } from './open-engine.ts';
export { planReplacement, type ReplacementPlan } from './plan-replacement.ts';
export { readAgain, readWhole } from './read-again.ts';
export { type ReadOptions, readPlan, relationsOf, valueAt } from './read-plan.ts';
export {
  continuousPlan,
  hasContent,
  hasJob,
  isStored,
  ON_ROW_ERROR,
  type RelationJob,
  relationId,
  sinkJob,
  sinkPlan,
  sinkRoot,
  sourceRoot,
  tableSinkOptions,
  viewJob,
  viewRoot,
} from './relation-jobs.ts';
export type { SavepointPlaces, SavepointRequest, TakenSavepoint } from './savepoints.ts';
export { refuseSinkRing } from './sink-rings.ts';
export { StatementBinder } from './statement-binder.ts';
export { substituteInExpression, substituteParameters } from './substitute-parameters.ts';
export { catalogLookup, existingSchemas, functionRows } from './system-tables.ts';
export { type Row, rowKey, type TableChanges, TableContent } from './table-content.ts';
export { tableFunctionOf } from './table-function.ts';
export { netByRelation } from './table-store.ts';
export { dropRelationsNamed, dropTemporaryObjects } from './temporary-objects.ts';
export type { TestControls } from './test-controls.ts';
export { duplicatedKey } from './unique-violation.ts';
export { unnamedView } from './unnamed-view.ts';
export { WrittenTable } from './written-table.ts';
