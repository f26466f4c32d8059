/**
 * The tree a statement is read into: discriminated unions by `kind`, immutable, a span on every node.
 *
 * It records what was written, not what it means: names are not folded or resolved, types are not looked up.
 *
 * Laws
 * - Every node has `kind` and `span` (UTF-16 offsets into the text given to the parser).
 * - What was not written is null, or an empty list where a list is expected; no field is ever missing.
 * - Two spellings with the same meaning by definition of the language (`<>` and `!=`, `SOME` and `ANY`) give the same tree.
 *
 * Start reading at statement.ts, then query.ts and expression.ts.
 */
export type * from './alter.ts';
export type * from './assertion.ts';
export type * from './column.ts';
export type * from './copy.ts';
export type * from './cursor.ts';
export type * from './ddl.ts';
export type * from './dml.ts';
export type * from './explain.ts';
export type * from './expression.ts';
export type * from './from-item.ts';
export type * from './identifier.ts';
export type * from './job.ts';
export type * from './match-recognize.ts';
export type * from './option.ts';
export type * from './query.ts';
export type * from './session.ts';
export type * from './statement.ts';
export type * from './subscribe.ts';
export type * from './transaction.ts';
export type * from './type-name.ts';
export type * from './window.ts';
