import type { FunctionDefinition } from '../../../expr/index.ts';
import {
  ceilDecimal,
  type Decimal,
  decimalFromInteger,
  decimalSign,
  divideTruncated,
  floorDecimal,
  NAN_DECIMAL,
  roundDecimal,
  trimDecimal,
  truncateDecimal,
} from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { roundHalfEven } from './round-half-even.ts';

const UNARY = [
  ['ceil', 'Nearest integer not below the number', Math.ceil, ceilDecimal, '-42.8', '-42', '-42'],
  ['ceiling', 'Nearest integer not below the number', Math.ceil, ceilDecimal, '95.3', '96', '96'],
  ['floor', 'Nearest integer not above the number', Math.floor, floorDecimal, '-42.8', '-43', '-43'],
  [
    'round',
    'Nearest integer; numeric rounds ties away from zero, floats to even',
    roundHalfEven,
    (value: Decimal) => roundDecimal(value, 0),
    '42.5',
    '42',
    '43',
  ],
  ['trunc', 'The integer towards zero', Math.trunc, (value: Decimal) => truncateDecimal(value, 0), '-42.8', '-42', '-42'],
] as const;

/** Rounding and what belongs to it. */
export const roundingFunctions: readonly FunctionDefinition[] = [
  ...UNARY.flatMap(([name, description, float, exact, sample, floatResult, exactResult]) => [
    defineFunction<[number]>({
      signature: `${name}(float8) -> float8`,
      family: 'math',
      description,
      examples: [[`${name}(float8 '${sample}')`, floatResult]],
      evaluate: ([value]) => float(value),
    }),
    defineFunction<[Decimal]>({
      signature: `${name}(numeric) -> numeric`,
      family: 'math',
      description,
      examples: [[`${name}(${sample})`, exactResult]],
      evaluate: ([value]) => exact(value),
    }),
  ]),
  defineFunction<[Decimal, number]>({
    signature: 'round(numeric, int4) -> numeric',
    family: 'math',
    description: 'Rounds to this many digits after the point; negative counts before it',
    examples: [
      ['round(42.4382, 2)', '42.44'],
      ['round(1234.56, -1)', '1230'],
    ],
    evaluate: ([value, digits]) => roundDecimal(value, digits),
  }),
  defineFunction<[Decimal, number]>({
    signature: 'trunc(numeric, int4) -> numeric',
    family: 'math',
    description: 'Cuts to this many digits after the point',
    examples: [['trunc(42.4382, 2)', '42.43']],
    evaluate: ([value, digits]) => truncateDecimal(value, digits),
  }),
  defineFunction<[number]>({
    signature: 'sign(float8) -> float8',
    family: 'math',
    description: '-1, 0 or 1 by the sign of the number',
    examples: [["sign(float8 '-8.4')", '-1']],
    evaluate: ([value]) => Math.sign(value) + 0,
  }),
  defineFunction<[Decimal]>({
    signature: 'sign(numeric) -> numeric',
    family: 'math',
    description: '-1, 0 or 1 by the sign of the number',
    examples: [['sign(-8.4)', '-1']],
    evaluate: ([value]) => (value.special === 'NaN' ? NAN_DECIMAL : decimalFromInteger(decimalSign(value))),
  }),
  defineFunction<[Decimal, Decimal]>({
    signature: 'div(numeric, numeric) -> numeric',
    family: 'math',
    description: 'Integer quotient, truncated towards zero',
    examples: [['div(9, 4)', '2']],
    fallible: true,
    evaluate: ([a, b]) => divideTruncated(a, b),
  }),
  defineFunction<[Decimal]>({
    signature: 'scale(numeric) -> int4',
    family: 'math',
    description: 'Number of digits after the point',
    examples: [['scale(8.4100)', '4']],
    evaluate: ([value]) => (value.special === undefined ? value.scale : null),
  }),
  defineFunction<[Decimal]>({
    signature: 'min_scale(numeric) -> int4',
    family: 'math',
    description: 'Digits after the point needed to show the value exactly',
    examples: [['min_scale(8.4100)', '2']],
    evaluate: ([value]) => (value.special === undefined ? trimDecimal(value).scale : null),
  }),
  defineFunction<[Decimal]>({
    signature: 'trim_scale(numeric) -> numeric',
    family: 'math',
    description: 'Without trailing zeros after the point',
    examples: [['trim_scale(8.4100)', '8.41']],
    evaluate: ([value]) => trimDecimal(value),
  }),
];
