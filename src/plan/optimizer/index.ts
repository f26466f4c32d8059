/**
 * Rewrites logical plans into cheaper ones with the same answer: a list of rules, each in a file of its own, run until none changes anything.
 *
 * Chooses no operators and no placement; that is physical planning.
 *
 * Laws
 * - Same output columns, same rows; and no expression that can fail sees a row it would not have seen: in a view it would be an error of a row that is not there.
 * - The verifier passes after every rule.
 *
 * Start reading at optimize.ts, then rules/index.ts.
 */

export { hasSubquery, isVolatile } from './expression-facts.ts';
export { extractJoinKeys, type JoinKey, type JoinKeys } from './join-keys.ts';
export { sameKeyType } from './key-type.ts';
export { optimize } from './optimize.ts';
export type { OptimizerContext, OptimizerRule } from './optimizer-rule.ts';
export { allOf } from './split-filter.ts';
export { expressionIsNullable } from './unnesting/nullability.ts';
export { hasVolatile } from './unnesting/volatile-plan.ts';
