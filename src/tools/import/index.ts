/**
 * Statements of other systems' dialects in fsql's own words, read with node-sql-parser.
 *
 * Not a translator of everything: its tree loses decimals, quotes, precedence and whole clauses, so nothing of it is believed. The tree is written out
 * in the order of the source, our grammar associates it anew, and every token of the source has to be found again in what came out. What is
 * not understood, or means something else here, is an error.
 *
 * Laws
 * - No token of the source is lost, none is made up (source-tokens.ts lists the words that may differ).
 * - The parser runs in a thread with a time limit: some texts take it minutes.
 *
 * Start reading at import-statement.ts.
 */
export { importDialects } from './dialects.ts';
export { importStatement } from './import-statement.ts';
