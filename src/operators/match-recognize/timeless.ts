import type { EvaluationContext } from '../../expr/index.ts';

/** For expressions that do not look at it: a pattern of a continuous query asks for no moment (lower.ts). */
export const TIMELESS: EvaluationContext = { nowMicros: 0n, timeZone: 'UTC' };
