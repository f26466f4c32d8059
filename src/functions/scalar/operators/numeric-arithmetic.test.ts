import { expect, test } from 'vitest';
import { seededRandom } from '../../../base/index.ts';
import { batchFromRows, rowsOf } from '../../../batch/index.ts';
import { compileCalc, type Expression } from '../../../expr/index.ts';
import { type Decimal, int8Type, numericType } from '../../../types/index.ts';
import { casts, createFunctionLookup, scalarFunctions } from '../../index.ts';

test('numeric arithmetic on integers and literals is the same in generated loops, at the border of exact doubles too', () => {
  const functions = createFunctionLookup(scalarFunctions, casts);
  const random = seededRandom(21);
  const literals: Decimal[] = [
    { mantissa: 908n, scale: 3 },
    { mantissa: -1n, scale: 0 },
    { mantissa: 0n, scale: 2 },
    { mantissa: 5n, scale: 20 },
    { mantissa: 2n ** 53n - 1n, scale: 1 },
    { mantissa: 2n ** 60n, scale: 0 },
  ];
  const borders = [0n, 1n, -1n, 2n ** 53n - 1n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)];
  const rows = Array.from({ length: 60 }, (_, row) => [
    row % 9 === 0 ? null : (borders[row] ?? BigInt(Math.floor((random.nextFloat() - 0.5) * 2 ** random.nextInt(60)))),
  ]);
  const inputColumns = [{ name: 'a', type: int8Type }];
  const value: Expression = { kind: 'cast', mode: 'implicit', type: numericType, input: { kind: 'column', index: 0, name: 'a', type: int8Type } };
  const projections = literals.flatMap((literal) =>
    ['+', '-', '*'].flatMap((symbol): Expression[] => {
      const one: Expression = { kind: 'literal', type: numericType, value: literal };
      const signature = `numeric ${symbol} numeric -> numeric`;
      const call: Expression = { kind: 'call', signature, args: [one, value], type: numericType };
      return [call, { kind: 'call', signature, args: [call, one], type: numericType }];
    }),
  );
  const run = (interpreted: boolean): unknown => {
    const calc = compileCalc({ predicate: null, projections, inputColumns, functions, interpreted });
    return rowsOf(calc.run(batchFromRows([int8Type], rows), { nowMicros: 0n, timeZone: 'UTC' }, () => undefined)!);
  };
  expect(run(false)).toEqual(run(true));
});
