import { type Expression, splitConjuncts } from '../../../expr/index.ts';
import {
  type AggregatePlan,
  type FilterPlan,
  type LogicalPlan,
  mapPlan,
  mapPlanExpressions,
  planExpressions,
  type ValuesPlan,
} from '../../logical/index.ts';
import { hasSubquery } from '../expression-facts.ts';
import type { OptimizerContext, OptimizerRule } from '../optimizer-rule.ts';
import { filtered } from '../split-filter.ts';
import { Extension, selectColumns } from '../unnesting/index.ts';

/**
 * A subquery whose value is used (scalar, ARRAY, or a test under OR, in CASE or in the select list) is computed by a join with the rows that use it: the
 * value is a column then.
 */
export const joinSubqueryValues: OptimizerRule = {
  name: 'join-subquery-values',
  apply: (plan, context) => mapPlan(plan, (node) => (planExpressions(node).some(hasSubquery) ? joinValues(node, context) : node)),
};

function joinValues(node: LogicalPlan, context: OptimizerContext): LogicalPlan {
  switch (node.kind) {
    case 'filter':
      return joinFilterValues(node, context);
    case 'project':
    case 'sort':
    case 'distinct':
    case 'over':
      return overExtended(node, context);
    case 'aggregate': {
      const extension = new Extension(node.input, context);
      const rewritten = mapPlanExpressions(node, (expression) => extension.rewrite(expression, guardsOf(expression, node)));
      return extension.plan === node.input ? rewritten : { ...(rewritten as AggregatePlan), input: extension.plan };
    }
    case 'values':
      return rowsApart(node);
    default:
      return node;
  }
}

/** Rows of VALUES with subqueries as projections of a row without columns, whose subqueries are joined next. */
function rowsApart({ rows, fields }: ValuesPlan): LogicalPlan {
  const nothing: ValuesPlan = { kind: 'values', rows: [[]], fields: [] };
  const inputs = rows.map((row): LogicalPlan => {
    return row.some(hasSubquery) ? { kind: 'project', input: nothing, expressions: row, fields } : { kind: 'values', rows: [row], fields };
  });
  return inputs.length === 1 ? inputs[0]! : { kind: 'set-operation', operator: 'union', all: true, inputs, fields };
}

/** An argument is evaluated for the rows of its call's filter. */
function guardsOf(expression: Expression, { calls }: AggregatePlan): Expression[] {
  const call = calls.find(({ args, orderBy }) => args.includes(expression) || orderBy.some((key) => key.expression === expression));
  return call === undefined || call.filter === null || hasSubquery(call.filter) ? [] : [call.filter];
}

/** Conjunct by conjunct, those in front as a filter below. */
function joinFilterValues(filter: FilterPlan, context: OptimizerContext): LogicalPlan {
  const conjuncts = splitConjuncts(filter.predicate);
  const first = conjuncts.findIndex(hasSubquery);
  const below = filtered(filter.input, conjuncts.slice(0, first));
  const extension = new Extension(below, context);
  const guards: Expression[] = [];
  const rewritten = conjuncts.slice(first).map((conjunct) => {
    const result = extension.rewrite(conjunct, guards);
    guards.push(result);
    return result;
  });
  if (extension.plan === below && rewritten.every((conjunct, index) => conjunct === conjuncts[first + index])) return filter;
  return ownColumns(filtered(extension.plan, rewritten), filter.fields.length);
}

/** Nodes whose output begins with their input's columns, or is computed anew. */
function overExtended(node: Extract<LogicalPlan, { kind: 'project' | 'sort' | 'distinct' | 'over' }>, context: OptimizerContext): LogicalPlan {
  const extension = new Extension(node.input, context);
  const rewritten = mapPlanExpressions(node, (expression) => extension.rewrite(expression)) as typeof node;
  const input = extension.plan;
  if (input === node.input) return rewritten;
  const width = node.input.fields.length;
  switch (rewritten.kind) {
    case 'project':
      return { ...rewritten, input };
    case 'sort':
    case 'distinct':
      return ownColumns({ ...rewritten, input, fields: input.fields }, width);
    case 'over': {
      const added = rewritten.fields.slice(width);
      const calls = added.map((_, index) => input.fields.length + index);
      const over: LogicalPlan = { ...rewritten, input, fields: [...input.fields, ...added] };
      return selectColumns(over, [...Array.from({ length: width }, (_, index) => index), ...calls]);
    }
  }
}

function ownColumns(plan: LogicalPlan, width: number): LogicalPlan {
  return selectColumns(
    plan,
    Array.from({ length: width }, (_, index) => index),
  );
}
