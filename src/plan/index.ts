/**
 * From a parsed statement to a JobGraph: binder (names, types), logical algebra, optimizer rules, physical plan, chaining, EXPLAIN; and the
 * reference executor that evaluates a LogicalPlan over rows, row by row, as the oracle and for system relations.
 *
 * Never imports runtime: the two meet in jobgraph, which is data.
 *
 * Start reading at logical/logical-plan.ts, then binder, optimizer, physical.
 */
export * from './binder/index.ts';
export * from './explain/index.ts';
export * from './logical/index.ts';
export * from './optimizer/index.ts';
export * from './physical/index.ts';
export * from './reference/index.ts';
