/**
 * What `SET sql_dialect` means: a statement as another dialect understands it, turned into one of the postgres dialect before it is bound.
 *
 * Nothing behind this folder knows of dialects: names are folded here, once, and stored definitions are printed with the names they were found
 * to mean, so that a view means the same whoever reads it later.
 *
 * Laws
 * - The postgres dialect changes nothing.
 * - A name that is quoted is never changed.
 * - SET, SHOW, RESET and transactions are fsql's in every dialect; an imported statement that is not understood is an error.
 *
 * Start reading at in-dialect.ts.
 */
export { withoutForeignCalls } from './foreign-calls.ts';
export { importedDialects } from './imported-dialects.ts';
export { inDialect } from './in-dialect.ts';
export { type IdentifierPlace, mapIdentifiers } from './map-identifiers.ts';
export { withOwnTypes } from './own-types.ts';
export { type ImportedStatement, type ImportStatement, readStatements } from './read-statements.ts';
export { substituteVariables } from './substitute-variables.ts';
