/**
 * EXPLAIN in all its forms: of a statement that would run, and of a relation whose job does.
 *
 * Each stage makes lines of text and the same as data (FORMAT JSON); which is printed is decided in one place.
 *
 * Start reading at explain.ts, then explain-target.ts.
 */
export { explain } from './explain.ts';
