/**
 * Operators as functions whose name is their symbol: arithmetic, comparison, bits, concatenation, patterns, JSON, arrays, dates and times.
 *
 * AND, OR, NOT, IS NULL and IN are expressions of their own, not operators.
 */
import type { FunctionDefinition } from '../../../expr/index.ts';
import { arrayOperators } from './array-operators.ts';
import { bitwiseOperators } from './bitwise.ts';
import { comparisons } from './comparison.ts';
import { concatenations } from './concatenation.ts';
import { datetimeArithmetic } from './datetime-arithmetic.ts';
import { floatArithmetic } from './float-arithmetic.ts';
import { integerArithmetic } from './integer-arithmetic.ts';
import { jsonOperators } from './json-operators.ts';
import { numericArithmetic } from './numeric-arithmetic.ts';
import { patternOperators } from './pattern-matching.ts';

export const operatorFunctions: readonly FunctionDefinition[] = [
  ...arrayOperators,
  ...bitwiseOperators,
  ...comparisons,
  ...concatenations,
  ...datetimeArithmetic,
  ...floatArithmetic,
  ...integerArithmetic,
  ...jsonOperators,
  ...numericArithmetic,
  ...patternOperators,
];
