/**
 * Filters by the present: rows enter and leave by themselves as the time of epochs goes by.
 *
 * Rows that have left are forgotten, rows that have not come yet are kept.
 *
 * Start reading at spec.ts (its parameters), then temporal-rows.ts.
 */
export { temporalFilterFactory } from './operator.ts';
