/**
 * The repository checks itself: layers, cycles, sizes, banned calls, unlisted definitions, missing headers, dead exports, leftovers,
 * references to files that are not there.
 *
 * Reads sources as text and syntax trees, runs nothing of them. tidy.test.ts runs every check; each finding names file, line and what to do instead.
 *
 * Start reading at source-tree.ts, then the checks in check-*.ts.
 */
export { checkBannedCalls } from './check-banned-calls.ts';
export { checkDeadExports } from './check-dead-exports.ts';
export { checkHeaders } from './check-headers.ts';
export { checkLayers } from './check-layers.ts';
export { checkListed } from './check-listed.ts';
export { checkReferences } from './check-references.ts';
export { checkSizes } from './check-sizes.ts';
export { checkWords } from './check-words.ts';
export { loadSourceTree, type SourceFile, type SourceTree } from './source-tree.ts';
