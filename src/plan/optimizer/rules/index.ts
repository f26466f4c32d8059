/**
 * The optimizer's rules, one a file, in the order they are tried. Each has its own test, which names plans it changes and plans it leaves.
 */
import type { OptimizerRule } from '../optimizer-rule.ts';
import { aggregateInTwoPhases } from './aggregate-in-two-phases.ts';
import { distinctInTwoPhases } from './distinct-in-two-phases.ts';
import { foldConstantsRule } from './fold-constants.ts';
import { inlineRowSubqueries } from './inline-row-subqueries.ts';
import { joinSubqueryConditions } from './join-subquery-conditions.ts';
import { joinSubqueryValues } from './join-subquery-values.ts';
import { mergeFilters } from './merge-filters.ts';
import { mergeProjects } from './merge-projects.ts';
import { narrowOuterJoin } from './narrow-outer-join.ts';
import { pruneColumns } from './prune-columns.ts';
import { pushConditionIntoJoin } from './push-condition-into-join.ts';
import { pushFilterBelowSort } from './push-filter-below-sort.ts';
import { pushFilterIntoAggregate } from './push-filter-into-aggregate.ts';
import { pushFilterIntoJoin } from './push-filter-into-join.ts';
import { pushFilterIntoOver } from './push-filter-into-over.ts';
import { pushFilterIntoProject } from './push-filter-into-project.ts';
import { pushFilterIntoUnion } from './push-filter-into-union.ts';
import { pushFilterIntoWindow } from './push-filter-into-window.ts';
import { readFieldsInScan } from './read-fields-in-scan.ts';
import { removeTrivialProjects } from './remove-trivial-projects.ts';
import { splitJoinSubqueries } from './split-join-subqueries.ts';
import { unnestLateralJoins } from './unnest-lateral-joins.ts';

export const optimizerRules: readonly OptimizerRule[] = [
  foldConstantsRule,
  inlineRowSubqueries,
  splitJoinSubqueries,
  joinSubqueryConditions,
  joinSubqueryValues,
  unnestLateralJoins,
  mergeFilters,
  pushFilterIntoProject,
  pushFilterIntoUnion,
  pushFilterBelowSort,
  pushFilterIntoAggregate,
  pushFilterIntoOver,
  pushFilterIntoWindow,
  narrowOuterJoin,
  pushFilterIntoJoin,
  pushConditionIntoJoin,
  mergeProjects,
  readFieldsInScan,
  pruneColumns,
  removeTrivialProjects,
  aggregateInTwoPhases,
  distinctInTwoPhases,
];
