/**
 * For tests of a whole database in their own process.
 *
 * Start reading at rows-of.ts.
 */
export { comparedAnswer, comparedLine } from './compared-answer.ts';
export { openInThread } from './open-in-thread.ts';
export { rowsOf } from './rows-of.ts';
export { runIn } from './run-in.ts';
