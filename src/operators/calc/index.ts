/**
 * Filter and projection in one pass; the loop itself is expr's compileCalc.
 *
 * Start reading at spec.ts (its parameters), then operator.ts.
 */
export { calcFactory } from './operator.ts';
export { type CalcSpec, calcSpecCodec } from './spec.ts';
