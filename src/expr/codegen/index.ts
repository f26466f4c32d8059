/**
 * The generated loop of a filter and projection: statements for expressions, columns in, columns out.
 *
 * NULL logic is in emit-expression.ts and nowhere else; functions emit only their own operation. Whatever a row cannot do in the loop
 * (an overflow, a value no double holds) it does in the interpreter.
 *
 * Start reading at emit-calc.ts, then emit-expression.ts.
 */
export { BytesOutput, type CalcOutput, createOutput } from './calc-output.ts';
export { type EmittedCalc, emitCalc, type RowInterpretation } from './emit-calc.ts';
