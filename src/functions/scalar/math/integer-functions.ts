import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import {
  absDecimal,
  type Decimal,
  decimal,
  decimalFromInteger,
  divideTruncated,
  gcdDecimals,
  multiplyDecimals,
  outOfRangeError,
} from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

const LIMITS = { int4: 2n ** 31n, int8: 2n ** 63n } as const;
/** 32178! has more than 131072 digits. */
const FACTORIAL_MAX = 32_177n;

/** gcd, lcm, factorial and width_bucket. */
export const integerFunctions: readonly FunctionDefinition[] = [
  ...(['int4', 'int8'] as const).flatMap((kind) => [
    defineFunction<[number | bigint, number | bigint]>({
      signature: `gcd(${kind}, ${kind}) -> ${kind}`,
      family: 'math',
      description: 'Greatest common divisor',
      examples: [[`gcd(${kind} '1071', ${kind} '462')`, '21']],
      fallible: true,
      evaluate: ([a, b]) => checkedResult(kind, greatestDivisor(BigInt(a), BigInt(b))),
    }),
    defineFunction<[number | bigint, number | bigint]>({
      signature: `lcm(${kind}, ${kind}) -> ${kind}`,
      family: 'math',
      description: 'Least common multiple',
      examples: [[`lcm(${kind} '1071', ${kind} '462')`, '23562']],
      fallible: true,
      evaluate: ([a, b]) => {
        const [left, right] = [BigInt(a), BigInt(b)];
        if (left === 0n || right === 0n) return checkedResult(kind, 0n);
        const multiple = (left / greatestDivisor(left, right)) * right;
        return checkedResult(kind, multiple < 0n ? -multiple : multiple);
      },
    }),
  ]),
  defineFunction<[Decimal, Decimal]>({
    signature: 'gcd(numeric, numeric) -> numeric',
    family: 'math',
    description: 'Greatest common divisor',
    examples: [['gcd(1.5, 0.25)', '0.25']],
    evaluate: ([a, b]) => gcdDecimals(a, b),
  }),
  defineFunction<[Decimal, Decimal]>({
    signature: 'lcm(numeric, numeric) -> numeric',
    family: 'math',
    description: 'Least common multiple',
    examples: [['lcm(1.5, 0.25)', '1.50']],
    evaluate: ([a, b]) => {
      const divisor = gcdDecimals(a, b);
      if (divisor.special !== undefined) return divisor;
      if (divisor.mantissa === 0n) return divisor;
      const multiple = absDecimal(multiplyDecimals(divideTruncated(a, divisor), b));
      return decimal(multiple.mantissa * 10n ** BigInt(Math.max(0, divisor.scale - multiple.scale)), Math.max(divisor.scale, multiple.scale));
    },
  }),
  defineFunction<[bigint]>({
    signature: 'factorial(int8) -> numeric',
    family: 'math',
    description: 'Product of the integers from 1',
    examples: [['factorial(5)', '120']],
    fallible: true,
    evaluate: ([n]) => {
      if (n < 0n) throw new SqlError({ code: SqlState.numericValueOutOfRange, message: 'factorial of a negative number is undefined' });
      if (n > FACTORIAL_MAX) throw new SqlError({ code: SqlState.numericValueOutOfRange, message: 'value overflows numeric format' });
      let product = 1n;
      for (let i = 2n; i <= n; i++) product *= i;
      return decimalFromInteger(product);
    },
  }),
  defineFunction<[number, number, number, number]>({
    signature: 'width_bucket(float8, float8, float8, int4) -> int4',
    family: 'math',
    description: 'Which of equally wide buckets between two bounds holds the number; 0 and count + 1 are outside',
    examples: [['width_bucket(5.35::float8, 0.024::float8, 10.06::float8, 5)', '3']],
    fallible: true,
    evaluate: ([value, low, high, count]) => bucketOf(value, low, high, count),
  }),
];

function greatestDivisor(left: bigint, right: bigint): bigint {
  let a = left < 0n ? -left : left;
  let b = right < 0n ? -right : right;
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

function checkedResult(kind: 'int4' | 'int8', value: bigint): number | bigint {
  if (value >= LIMITS[kind]) throw outOfRangeError(kind === 'int4' ? 'integer' : 'bigint');
  return kind === 'int4' ? Number(value) : value;
}

function bucketOf(value: number, low: number, high: number, count: number): number {
  const argumentError = (message: string): SqlError => new SqlError({ code: SqlState.invalidArgumentForWidthBucketFunction, message });
  if (count <= 0) throw argumentError('count must be greater than zero');
  if (Number.isNaN(value) || Number.isNaN(low) || Number.isNaN(high)) throw argumentError('operand, lower bound, and upper bound cannot be NaN');
  if (!Number.isFinite(low) || !Number.isFinite(high)) throw argumentError('lower and upper bounds must be finite');
  if (low === high) throw argumentError('lower bound cannot equal upper bound');
  const share = (value - low) / (high - low);
  if (share < 0) return 0;
  return share >= 1 ? count + 1 : Math.floor(share * count) + 1;
}
