/**
 * Nexmark: its events, its queries in our SQL, and what the queries have to give.
 *
 * Events and queries are plain JavaScript, since the benchmark runs them before anything is built. The evaluation is written from the published
 * definitions over arrays and knows nothing of the product: it shares neither its SQL nor its executor, so the two can be held against each other.
 *
 * Laws
 * - An event follows from its number and the options alone.
 * - The evaluation reads like the definition, not like a fast way to it.
 *
 * Start reading at nexmark-queries.mjs, then nexmark-answers.ts.
 */
export { answersTo, type Cell } from './nexmark-answers.ts';
export { nexmarkEvent, nexmarkPieces } from './nexmark-events.mjs';
export { NEXMARK_NAMES, NEXMARK_QUERIES, nexmarkJob, nexmarkSource } from './nexmark-queries.mjs';
