import type { Query } from '../ast/index.ts';

let printer: ((query: Query) => string) | null = null;

/** Called once by print-query.ts. Queries hold expressions and expressions hold queries: this is the joint, so that no file imports its way back to itself. */
export function bindQueryPrinter(print: (query: Query) => string): void {
  printer = print;
}

/** A query inside an expression or a FROM item. */
export function printNestedQuery(query: Query): string {
  if (printer === null) throw new Error('assertion failed: print-query.ts is loaded with the printer');
  return printer(query);
}
