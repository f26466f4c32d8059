import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import { defineFunction } from '../define-function.ts';

const RADIANS = Math.PI / 180;

/** Sines and cosines of these are exact, and so are the angles with these sines. */
const HALF_ANGLES = [0, 30, 90] as const;

const UNARY = [
  ['asinh', 'Inverse hyperbolic sine', Math.asinh, '0', '0'],
  ['acosh', 'Inverse hyperbolic cosine', atLeast(1, Math.acosh), '1', '0'],
  ['atanh', 'Inverse hyperbolic tangent', unitRange(Math.atanh), '0', '0'],
  ['sind', 'Sine of an angle in degrees', sineOfDegrees, '30', '0.5'],
  ['cosd', 'Cosine of an angle in degrees', (angle: number) => sineOfDegrees(90 - Math.abs(angle % 360)), '60', '0.5'],
  ['asind', 'Arc sine in degrees', unitRange(degreesOfSine), '0.5', '30'],
  ['acosd', 'Arc cosine in degrees', unitRange((sine: number) => 90 - degreesOfSine(sine)), '0.5', '60'],
] as const;

/** Angles in degrees, inverse hyperbolic functions, and what Flink calls log2 and e. */
export const degreeFunctions: readonly FunctionDefinition[] = [
  ...UNARY.map(([name, description, compute, sample, result]) =>
    defineFunction<[number]>({
      signature: `${name}(float8) -> float8`,
      family: 'math',
      description,
      examples: [[`${name}(float8 '${sample}')`, result]],
      fallible: true,
      evaluate: ([value]) => compute(value),
    }),
  ),
  defineFunction<[number]>({
    signature: 'log2(float8) -> float8',
    family: 'math',
    description: 'Logarithm to the base 2 (as in Flink)',
    examples: [["log2(float8 '8')", '3']],
    fallible: true,
    evaluate: ([value]) => {
      if (value > 0 || Number.isNaN(value)) return Math.log2(value);
      throw logarithmError(value === 0);
    },
  }),
  defineFunction<[]>({
    signature: 'e() -> float8',
    family: 'math',
    description: 'The base of the natural logarithm (as in Flink)',
    examples: [['e()', '2.718281828459045']],
    evaluate: () => Math.E,
  }),
  defineFunction<[number, number, number, number]>({
    signature: 'geo_distance(float8, float8, float8, float8) -> float8',
    family: 'math',
    description: 'Kilometres between two points of the earth, each as latitude and longitude in degrees (as in ksqlDB)',
    examples: [['round(geo_distance(0, 0, 0, 90)::numeric, 3)', '10007.543']],
    evaluate: ([latitude, longitude, otherLatitude, otherLongitude]) => {
      const half = (from: number, to: number): number => Math.sin(((to - from) * RADIANS) / 2) ** 2;
      const chord =
        half(latitude, otherLatitude) + Math.cos(latitude * RADIANS) * Math.cos(otherLatitude * RADIANS) * half(longitude, otherLongitude);
      return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(chord)));
    },
  }),
];

const EARTH_RADIUS_KM = 6371;

function sineOfDegrees(angle: number): number {
  if (!Number.isFinite(angle)) {
    if (Number.isNaN(angle)) return angle;
    throw inputError();
  }
  const turned = angle % 360;
  const positive = turned < 0 ? turned + 360 : turned;
  const [sign, half] = positive > 180 ? [-1, positive - 180] : [1, positive];
  const acute = half > 90 ? 180 - half : half;
  const exact = HALF_ANGLES.indexOf(acute as 0);
  return sign * (exact < 0 ? Math.sin(acute * RADIANS) : exact / 2) + 0;
}

function degreesOfSine(sine: number): number {
  const exact = [0, 0.5, 1].indexOf(Math.abs(sine));
  return exact < 0 ? Math.asin(sine) / RADIANS : Math.sign(sine) * HALF_ANGLES[exact]! + 0;
}

function unitRange(compute: (value: number) => number): (value: number) => number {
  return (value) => {
    if (Math.abs(value) > 1) throw inputError();
    return compute(value);
  };
}

function atLeast(least: number, compute: (value: number) => number): (value: number) => number {
  return (value) => {
    if (value < least) throw inputError();
    return compute(value);
  };
}

function inputError(): SqlError {
  return new SqlError({ code: SqlState.numericValueOutOfRange, message: 'input is out of range' });
}

function logarithmError(zero: boolean): SqlError {
  return new SqlError({
    code: SqlState.invalidArgumentForLogarithm,
    message: zero ? 'cannot take logarithm of zero' : 'cannot take logarithm of a negative number',
  });
}
