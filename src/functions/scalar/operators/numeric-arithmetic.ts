import type { FunctionDefinition } from '../../../expr/index.ts';
import {
  absDecimal,
  addDecimals,
  type Decimal,
  divideDecimals,
  moduloDecimals,
  multiplyDecimals,
  negateDecimal,
  powerDecimal,
  subtractDecimals,
} from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

const BINARY = [
  ['+', 'Exact sum', addDecimals, '1.5', '2.25', '3.75'],
  ['-', 'Exact difference', subtractDecimals, '1.5', '2.25', '-0.75'],
  ['*', 'Exact product', multiplyDecimals, '1.5', '2.25', '3.375'],
  ['/', 'Quotient with at least 16 significant digits', divideDecimals, '1', '3.0', '0.33333333333333333333'],
  ['%', 'Remainder of the truncated quotient', moduloDecimals, '7.5', '2', '1.5'],
  ['^', 'Power', powerDecimal, '2', '3', '8.0000000000000000'],
] as const;

/** Operators of numeric; scales follow PostgreSQL's rules, a zero divisor is 22012. */
export const numericArithmetic: readonly FunctionDefinition[] = [
  ...BINARY.map(([symbol, description, compute, left, right, result]) =>
    defineFunction<[Decimal, Decimal]>({
      signature: `numeric ${symbol} numeric -> numeric`,
      family: 'operator',
      description,
      examples: [[`numeric '${left}' ${symbol} numeric '${right}'`, result]],
      fallible: true,
      evaluate: ([a, b]) => compute(a, b),
    }),
  ),
  defineFunction<[Decimal]>({
    signature: '- numeric -> numeric',
    family: 'operator',
    description: 'The number with the opposite sign',
    examples: [["- numeric '1.50'", '-1.50']],
    evaluate: ([a]) => negateDecimal(a),
  }),
  defineFunction<[Decimal]>({
    signature: '+ numeric -> numeric',
    family: 'operator',
    description: 'The number itself',
    examples: [["+ numeric '1.50'", '1.50']],
    evaluate: ([a]) => a,
  }),
  defineFunction<[Decimal]>({
    signature: 'abs(numeric) -> numeric',
    family: 'math',
    description: 'The absolute value',
    examples: [['abs(-17.40)', '17.40']],
    evaluate: ([a]) => absDecimal(a),
  }),
  defineFunction<[Decimal, Decimal]>({
    signature: 'mod(numeric, numeric) -> numeric',
    family: 'math',
    description: 'Remainder of the truncated quotient',
    examples: [['mod(9.5, 4)', '1.5']],
    fallible: true,
    evaluate: ([a, b]) => moduloDecimals(a, b),
  }),
];
