import { expect, test } from 'vitest';
import type { Random } from '../../base/index.ts';
import { int4Type, type SqlType, textType, timestampType } from '../../types/index.ts';
import { expectShownAgain, expectSpilledTwin, expectTimedTwin, type Row, testEnvironment } from '../testing/index.ts';
import { setOperationFactory } from './operator.ts';
import { setOperationSpecCodec } from './spec.ts';

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

test.each([
  { clock: 'watermark', bytesMax: 1 },
  { clock: 'watermark', bytesMax: 9_000 },
  { clock: 'epoch', bytesMax: 9_000 },
] as const)('rows that go by the $clock do so with $bytesMax bytes of memory', ({ clock, bytesMax }) => {
  const input = { make: (own: Random, time: bigint | null): Row => [own.nextInt(30), time], timeOf: (row: Row) => row[1] as bigint | null };
  const parameters = setOperationSpecCodec.encode({ operator: 'except', all: true, expiry: { column: 1, clock, latenessMicros: 1_000_000n } });
  const timed = [int4Type, timestampType];
  for (const seed of [1, 2]) {
    const environment = { inputs: [timed, timed] };
    expectTimedTwin(setOperationFactory, parameters, {
      environment,
      bytesMax,
      seed,
      clock,
      exact: false,
      emptied: ['rows'],
      batchRows: 60,
      inputs: [input, input],
    });
  }
});

test('rows of no column stay in memory', () => {
  const keysOf = (columns: readonly SqlType[]): unknown =>
    setOperationFactory.spillKeys!(
      setOperationSpecCodec.encode({ operator: 'except', all: true, expiry: null }),
      testEnvironment({ inputs: [columns, columns] }).environment,
    );
  expect(keysOf(types)).toEqual([
    [0, 1],
    [0, 1],
  ]);
  expect(keysOf([])).toBeNull();
});

test.each([
  { operator: 'intersect', all: true },
  { operator: 'intersect', all: false },
  { operator: 'except', all: true },
  { operator: 'except', all: false },
] as const)('$operator (all: $all) whose reader begins anew shows all it has shown, with what has come since', ({ operator, all }) => {
  const parameters = setOperationSpecCodec.encode({ operator, all, expiry: null });
  const narrow = (random: Random): Row => [random.nextInt(20), null];
  for (const seed of [1, 2, 3]) {
    expectShownAgain(setOperationFactory, parameters, { environment: { inputs: [types, types] }, seed, makeRow: [narrow, narrow] });
  }
});
