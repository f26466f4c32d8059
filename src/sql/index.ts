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
 * The parser is generated from ../../grammar by build-parser.mjs. Start reading at ast/index.ts, then parse.ts and ../../grammar/README.md.
 */
export type * from './ast/index.ts';
export { NESTING_DEPTH_LIMIT } from './check-tokens.ts';
export { foldCase, foldIdentifier } from './fold-identifier.ts';
export { type Keyword, type KeywordCategory, keywords } from './keywords.ts';
export { type ParsedStatement, parseExpression, parseStatement, parseStatements } from './parse.ts';
export { printExpression, printStatement } from './printer/index.ts';
export { quoteIdentifier, quoteIfNeeded, quoteRelation } from './quote-identifier.ts';
export { renderCaret } from './render-caret.ts';
export { replaceNodes } from './replace-nodes.ts';
export { type StatementText, splitStatements } from './split-statements.ts';
