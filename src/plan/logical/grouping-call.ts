import { expressionKey } from './expression-key.ts';
import type { AggregateCall, AggregatePlan } from './logical-plan.ts';

/**
 * Signature of the aggregate call that is no aggregate: GROUPING(a, b) tells by a bit for each argument, the last one lowest, whether the
 * row's grouping set leaves it out. Its arguments are grouping expressions of the node.
 */
export const GROUPING_SIGNATURE = 'grouping(variadic any) -> int4';

/** What GROUPING gives for the rows of one grouping set. */
export function groupingBits(call: AggregateCall, plan: AggregatePlan, set: readonly number[]): number {
  const grouped = new Set(set.map((position) => expressionKey(plan.groupBy[position]!)));
  return call.args.reduce((bits, arg) => bits * 2 + (grouped.has(expressionKey(arg)) ? 0 : 1), 0);
}
