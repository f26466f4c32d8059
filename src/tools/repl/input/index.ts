/**
 * What is typed or read from a file, as statements and backslash commands, with variables put in.
 *
 * Knows no grammar beyond quotes, comments and parentheses: what a statement says is the server's to find out.
 *
 * Start reading at input-scanner.ts. Reference: PostgreSQL documentation, psql.
 */
export { commandArguments } from './command-arguments.ts';
export { InputScanner, type OpenConstruct } from './input-scanner.ts';
export { type LineSource, linesOf } from './line-source.ts';
export { quoteLiteral, Variables } from './variables.ts';
