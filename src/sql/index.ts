/**
 * SQL text to tree and back: what a statement says, never what it means.
 *
 * Not here: name resolution, types, plans. This folder knows no catalog.
 *
 * Laws
 * - The tree of ./ast is the only result; every node carries the span it was read from.
 * - parse(print(parse(text))) equals parse(text), spans aside.
 * - A text that cannot be read is a SqlError with position, never another exception.
 *
 * Start reading at ast/index.ts, then ../../grammar/README.md.
 */
export type * from './ast/index.ts';
export { foldCase, foldIdentifier } from './fold-identifier.ts';
