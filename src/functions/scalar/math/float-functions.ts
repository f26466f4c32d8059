import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import { defineFunction } from '../define-function.ts';

const DEGREES = 180 / Math.PI;

const UNARY = [
  ['acos', 'Arc cosine in radians', unitRange(Math.acos), "float8 '1'", '0'],
  ['asin', 'Arc sine in radians', unitRange(Math.asin), "float8 '0'", '0'],
  ['atan', 'Arc tangent in radians', Math.atan, "float8 '0'", '0'],
  ['cos', 'Cosine of an angle in radians', finite(Math.cos), "float8 '0'", '1'],
  ['cosh', 'Hyperbolic cosine', Math.cosh, "float8 '0'", '1'],
  ['cot', 'Cotangent of an angle in radians', (value: number) => 1 / Math.tan(value), "float8 'NaN'", 'NaN'],
  ['degrees', 'Radians as degrees', (value: number) => value * DEGREES, "float8 '0'", '0'],
  ['radians', 'Degrees as radians', (value: number) => value / DEGREES, "float8 '180'", '3.141592653589793'],
  ['sin', 'Sine of an angle in radians', finite(Math.sin), "float8 '0'", '0'],
  ['sinh', 'Hyperbolic sine', Math.sinh, "float8 '0'", '0'],
  ['tan', 'Tangent of an angle in radians', finite(Math.tan), "float8 '0'", '0'],
  ['tanh', 'Hyperbolic tangent', Math.tanh, "float8 '0'", '0'],
] as const;

/** Trigonometry and constants, on doubles. */
export const floatFunctions: readonly FunctionDefinition[] = [
  ...UNARY.map(([name, description, compute, sample, result]) =>
    defineFunction<[number]>({
      signature: `${name}(float8) -> float8`,
      family: 'math',
      description,
      examples: [[`${name}(${sample})`, result]],
      fallible: true,
      evaluate: ([value]) => compute(value),
    }),
  ),
  defineFunction<[number, number]>({
    signature: 'atan2(float8, float8) -> float8',
    family: 'math',
    description: 'Angle of the point (second, first)',
    examples: [["atan2(float8 '0', float8 '1')", '0']],
    evaluate: ([y, x]) => Math.atan2(y, x),
  }),
  defineFunction<[]>({
    signature: 'pi() -> float8',
    family: 'math',
    description: 'The ratio of a circle’s circumference to its diameter',
    examples: [['pi()', '3.141592653589793']],
    evaluate: () => Math.PI,
  }),
];

function unitRange(compute: (value: number) => number): (value: number) => number {
  return (value) => {
    if (Math.abs(value) > 1) throw inputError();
    return compute(value);
  };
}

function finite(compute: (value: number) => number): (value: number) => number {
  return (value) => {
    if (Math.abs(value) === Number.POSITIVE_INFINITY) throw inputError();
    return compute(value);
  };
}

function inputError(): SqlError {
  return new SqlError({ code: SqlState.numericValueOutOfRange, message: 'input is out of range' });
}
