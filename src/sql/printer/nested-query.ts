import type { Query, RowModification } from '../ast/index.ts';

let printer: ((query: Query) => string) | null = null;

/** Called once by print-query.ts. Queries hold expressions and expressions hold queries: this is the joint, so that no file imports its way back to itself. */
export function bindQueryPrinter(print: (query: Query) => string): void {
  printer = print;
}

let modificationPrinter: ((statement: RowModification) => string) | null = null;

/** Called once by print-manipulation.ts, for the same reason. */
export function bindModificationPrinter(print: (statement: RowModification) => string): void {
  modificationPrinter = print;
}

/** A statement inside WITH. */
export function printNestedModification(statement: RowModification): string {
  if (modificationPrinter === null) throw new Error('assertion failed: print-manipulation.ts is loaded with the printer');
  return modificationPrinter(statement);
}

/** A query inside an expression or a FROM item. */
export function printNestedQuery(query: Query): string {
  if (printer === null) throw new Error('assertion failed: print-query.ts is loaded with the printer');
  return printer(query);
}
