import { type AggregateCall, mapPlan } from '../../logical/index.ts';
import type { OptimizerRule } from '../optimizer-rule.ts';

/** Aggregates for which one row of weight n is as good as n rows, whatever the rows' order. */
const COUNTING = /^(count\((\*|any)\)|(sum|avg)\(int[248]\)|(min|max)\([^)]*\)) -> /;

/**
 * An aggregation whose calls count their rows has a local phase: where rows have to be sent to other slots, those of a batch that the calls cannot tell apart become
 * one first, with their number as weight. Where nothing is sent, or rows are taken back, it has none after all: an extreme of what is left cannot be known from a part.
 */
export const aggregateInTwoPhases: OptimizerRule = {
  name: 'aggregate-in-two-phases',
  apply: (plan) =>
    mapPlan(plan, (node) => (node.kind !== 'aggregate' || node.local === true || !node.calls.every(countsRows) ? node : { ...node, local: true })),
};

function countsRows(call: AggregateCall): boolean {
  return COUNTING.test(call.signature) && call.orderBy.length === 0;
}
