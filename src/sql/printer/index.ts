/**
 * Trees to SQL text: one line, canonical spelling, parentheses only where precedence asks for them.
 *
 * Law: reading the text gives the same tree again, spans aside. Start reading at print-statement.ts, then print-expression.ts.
 */
import './print-query.ts';

export { printExpression } from './print-expression.ts';
export { printStatement } from './print-statement.ts';
