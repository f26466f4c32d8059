import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import { type Decimal, decimalFromInteger, expDecimal, lnDecimal, logDecimal, powerDecimal, sqrtDecimal } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

const TEN = decimalFromInteger(10);

/** Name, description, on doubles, exactly, argument, results of both. */
const UNARY = [
  ['sqrt', 'Square root', sqrtFloat, sqrtDecimal, '2', '1.4142135623730951', '1.414213562373095'],
  ['exp', 'e to the power of the number', expFloat, expDecimal, '1', '2.718281828459045', '2.7182818284590452'],
  ['ln', 'Natural logarithm', lnFloat, lnDecimal, '2', '0.6931471805599453', '0.6931471805599453'],
  ['log', 'Logarithm to base 10', log10Float, (value: Decimal) => logDecimal(TEN, value), '100', '2', '2.0000000000000000'],
  ['log10', 'Logarithm to base 10', log10Float, (value: Decimal) => logDecimal(TEN, value), '1000', '3', '3.0000000000000000'],
] as const;

/** Roots, powers, exponentials and logarithms. */
export const elementaryFunctions: readonly FunctionDefinition[] = [
  ...UNARY.flatMap(([name, description, float, exact, sample, floatResult, exactResult]) => [
    defineFunction<[number]>({
      signature: `${name}(float8) -> float8`,
      family: 'math',
      description,
      examples: [[`${name}(float8 '${sample}')`, floatResult]],
      fallible: true,
      evaluate: ([value]) => float(value),
    }),
    defineFunction<[Decimal]>({
      signature: `${name}(numeric) -> numeric`,
      family: 'math',
      description,
      examples: [[`${name}(numeric '${sample}')`, exactResult]],
      fallible: true,
      evaluate: ([value]) => exact(value),
    }),
  ]),
  defineFunction<[Decimal, Decimal]>({
    signature: 'log(numeric, numeric) -> numeric',
    family: 'math',
    description: 'Logarithm of the second number to the first as base',
    examples: [['log(2.0, 64.0)', '6.0000000000000000']],
    fallible: true,
    evaluate: ([base, value]) => logDecimal(base, value),
  }),
  ...(['power', 'pow'] as const).flatMap((name) => [
    defineFunction<[number, number]>({
      signature: `${name}(float8, float8) -> float8`,
      family: 'math',
      description: 'The first number to the power of the second',
      examples: [[`${name}(float8 '9', float8 '3')`, '729']],
      fallible: true,
      evaluate: ([base, exponent]) => powerFloat(base, exponent),
    }),
    defineFunction<[Decimal, Decimal]>({
      signature: `${name}(numeric, numeric) -> numeric`,
      family: 'math',
      description: 'The first number to the power of the second',
      examples: [[`${name}(9.0, 3)`, '729.00000000000000']],
      fallible: true,
      evaluate: ([base, exponent]) => powerDecimal(base, exponent),
    }),
  ]),
  defineFunction<[number, number]>({
    signature: 'float8 ^ float8 -> float8',
    family: 'operator',
    description: 'Power',
    examples: [["float8 '2' ^ float8 '3'", '8']],
    fallible: true,
    evaluate: ([base, exponent]) => powerFloat(base, exponent),
  }),
  defineFunction<[number]>({
    signature: 'cbrt(float8) -> float8',
    family: 'math',
    description: 'Cube root',
    examples: [['cbrt(64.0)', '4']],
    evaluate: ([value]) => Math.cbrt(value),
  }),
];

function sqrtFloat(value: number): number {
  if (value < 0) {
    throw new SqlError({ code: SqlState.invalidArgumentForPowerFunction, message: 'cannot take square root of a negative number' });
  }
  return Math.sqrt(value);
}

function expFloat(value: number): number {
  return inRange(Math.exp(value), Number.isFinite(value));
}

function lnFloat(value: number): number {
  checkLogarithm(value);
  return Math.log(value);
}

function log10Float(value: number): number {
  checkLogarithm(value);
  return Math.log10(value);
}

function powerFloat(base: number, exponent: number): number {
  if (base === 1 || exponent === 0) return 1;
  if (base === 0 && exponent < 0) {
    throw new SqlError({ code: SqlState.invalidArgumentForPowerFunction, message: 'zero raised to a negative power is undefined' });
  }
  if (base < 0 && Number.isFinite(exponent) && Number.isFinite(base) && !Number.isInteger(exponent)) {
    throw new SqlError({
      code: SqlState.invalidArgumentForPowerFunction,
      message: 'a negative number raised to a non-integer power yields a complex result',
    });
  }
  if (base === -1 && !Number.isFinite(exponent) && !Number.isNaN(exponent)) return 1;
  return inRange(base ** exponent, Number.isFinite(base) && Number.isFinite(exponent) && base !== 0);
}

function checkLogarithm(value: number): void {
  if (value === 0) throw new SqlError({ code: SqlState.invalidArgumentForLogarithm, message: 'cannot take logarithm of zero' });
  if (value < 0) throw new SqlError({ code: SqlState.invalidArgumentForLogarithm, message: 'cannot take logarithm of a negative number' });
}

function inRange(value: number, finiteArguments: boolean): number {
  if (finiteArguments && !Number.isFinite(value))
    throw new SqlError({ code: SqlState.numericValueOutOfRange, message: 'value out of range: overflow' });
  if (finiteArguments && value === 0) throw new SqlError({ code: SqlState.numericValueOutOfRange, message: 'value out of range: underflow' });
  return value;
}
