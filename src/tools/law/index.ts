/**
 * The law as a generator: random relations, random inputs and random queries; every view of a program has to equal its query over the same inputs after
 * every change (semantics.md, 1). What differs comes out as a `.slt` file that shows it.
 *
 * Judges nothing but equality: what a query means is the reference executor's business, which PostgreSQL is compared with elsewhere.
 *
 * Start reading at check-law.ts, then random-query.ts.
 */
export { checkLaw, type LawOptions, type LawOutcome } from './check-law.ts';
