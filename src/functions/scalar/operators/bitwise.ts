import type { FunctionDefinition } from '../../../expr/index.ts';
import { defineFunction } from '../define-function.ts';

const BITS = { int2: 16, int4: 32, int8: 64 } as const;
type IntegerKind = keyof typeof BITS;

const BINARY = [
  ['&', 'Bitwise AND', (a: bigint, b: bigint) => a & b, '91', '15', '11'],
  ['|', 'Bitwise OR', (a: bigint, b: bigint) => a | b, '32', '3', '35'],
  ['#', 'Bitwise exclusive OR', (a: bigint, b: bigint) => a ^ b, '17', '5', '20'],
] as const;

/** & | # ~ << >> of integers, in two's complement. Shift distances are taken modulo the width, as C does on the usual machines. */
export const bitwiseOperators: readonly FunctionDefinition[] = (['int2', 'int4', 'int8'] as const).flatMap((kind) => [
  ...BINARY.map(([symbol, description, compute, left, right, result]) =>
    defineFunction<[number | bigint, number | bigint]>({
      signature: `${kind} ${symbol} ${kind} -> ${kind}`,
      family: 'operator',
      description,
      examples: [[`${kind} '${left}' ${symbol} ${kind} '${right}'`, result]],
      evaluate: ([a, b]) => narrow(kind, compute(BigInt(a), BigInt(b))),
    }),
  ),
  defineFunction<[number | bigint]>({
    signature: `~ ${kind} -> ${kind}`,
    family: 'operator',
    description: 'Bitwise NOT',
    examples: [[`~ ${kind} '1'`, '-2']],
    evaluate: ([a]) => narrow(kind, ~BigInt(a)),
  }),
  shift(kind, '<<', 'Bitwise shift left', '16'),
  shift(kind, '>>', 'Bitwise shift right', '1'),
]);

function shift(kind: IntegerKind, symbol: '<<' | '>>', description: string, result: string): FunctionDefinition {
  return defineFunction<[number | bigint, number]>({
    signature: `${kind} ${symbol} int4 -> ${kind}`,
    family: 'operator',
    description,
    examples: [[`${kind} '4' ${symbol} 2`, result]],
    evaluate: ([a, count]) => {
      const distance = BigInt(count & (kind === 'int8' ? 63 : 31));
      return narrow(kind, symbol === '<<' ? BigInt(a) << distance : BigInt(a) >> distance);
    },
  });
}

function narrow(kind: IntegerKind, value: bigint): number | bigint {
  const wrapped = BigInt.asIntN(BITS[kind], value);
  return kind === 'int8' ? wrapped : Number(wrapped);
}
