import { expect, test } from 'vitest';
import type { Random } from '../../base/index.ts';
import { int4Type, type SqlType, textType } from '../../types/index.ts';
import { expectSpilledTwin, type Row, testEnvironment } from '../testing/index.ts';
import { setOperationFactory } from './operator.ts';
import { type SetOperationSpec, setOperationSpecCodec } from './spec.ts';

const types: readonly SqlType[] = [int4Type, textType];
const makeRow = (random: Random): Row => [random.nextInt(12) === 0 ? null : random.nextInt(150), ['a', 'ä'][random.nextInt(2)]!];

test.each([
  { operator: 'intersect', all: true, bytesMax: 1 },
  { operator: 'intersect', all: false, bytesMax: 8_000 },
  { operator: 'except', all: true, bytesMax: 8_000 },
  { operator: 'except', all: false, bytesMax: 14_000 },
] as const)('$operator (all: $all) with $bytesMax bytes of memory is what it is in memory, restarts included', ({ operator, all, bytesMax }) => {
  const parameters = setOperationSpecCodec.encode({ operator, all, expiry: null });
  for (const seed of [1, 2]) {
    const environment = { inputs: [types, types] };
    expectSpilledTwin(setOperationFactory, parameters, { environment, bytesMax, seed, makeRow: [makeRow, makeRow], epochs: 30, batchRows: 60 });
  }
});

test('rows that go with time, and those of no column, stay in memory', () => {
  const keysOf = (columns: readonly SqlType[], expiry: SetOperationSpec['expiry']): unknown =>
    setOperationFactory.spillKeys!(
      setOperationSpecCodec.encode({ operator: 'except', all: true, expiry }),
      testEnvironment({ inputs: [columns, columns] }).environment,
    );
  expect(keysOf(types, null)).toEqual([
    [0, 1],
    [0, 1],
  ]);
  expect(keysOf([], null)).toBeNull();
  expect(keysOf(types, { column: 0, clock: 'watermark', latenessMicros: 0n })).toBeNull();
});
