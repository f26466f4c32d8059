/**
 * Random relations, inputs and queries, and the law on them: every view of a program has to equal its query over the same inputs after every change
 * (docs/semantics.md, Epochs). What differs comes out as a `.slt` file that shows it. The queries alone are also what PostgreSQL is compared on.
 *
 * Judges nothing but equality: what a query means is the business of the reference executor, and PostgreSQL is its judge.
 *
 * Start reading at check-law.ts, then random-query.ts.
 */
export { checkLaw, hasManyRows } from './check-law.ts';
export { type ComparedQuery, ManyRows, manyRowsColumns } from './many-rows.ts';
export { ManyRowsQueries } from './many-rows-queries.ts';
export { WindowedQueries, WindowedRows, windowedStream } from './many-windows.ts';
export { RandomQuery } from './random-query.ts';
export { lawRelations, RandomInput } from './relations.ts';
