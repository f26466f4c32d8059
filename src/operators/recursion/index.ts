/**
 * WITH RECURSIVE and WITH MUTUALLY RECURSIVE: keeps the rows of what the recursion reads and evaluates it to its end in every epoch that changes them.
 *
 * What does not depend on the recursion is computed by the operators below and comes in as an input; what does is the reference executor's work.
 * An epoch in which rows only come costs what is new where the step is monotone (filters, projections, inner joins); any other change of an input
 * costs as much as the whole recursion, none costs nothing.
 *
 * Start reading at spec.ts (its parameters), then lower.ts, operator.ts and step-flow.ts.
 */
export { recursionFactory } from './operator.ts';
export { type RecursionSpec, recursionSpecCodec } from './spec.ts';
