/**
 * Turns a plan that is evaluated once for each row around it into one that is evaluated once and joined with those rows (Neumann and Kemper, "Unnesting
 * Arbitrary Queries", 2015): conditions on the outer row are pulled up to become conditions of that join where they may, and where not, the distinct
 * values of the outer columns are joined in below.
 *
 * Decides nothing about which subquery becomes what kind of join: that is the rules' part. Knows no operators.
 *
 * Laws
 * - For every outer row the rows of the plan are, as a bag, the rows of the unnested plan that meet its keys and conditions.
 * - An expression that can fail sees the rows it would have seen, once or more often: below the join only where nothing on its way up can fail.
 * - What cannot be unnested is told by null, never by an error.
 *
 * Start reading at unnested.ts, then unnest-at.ts and unnest-plan.ts.
 */

export { selectColumns } from './columns.ts';
export { conditionJoin, subqueryCondition } from './condition-join.ts';
export { Extension } from './extension.ts';
export { inlineRow, oneRowOf } from './one-row.ts';
export { unnestLateralJoin } from './unnest-at.ts';
