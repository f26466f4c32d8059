import { describe, expect, test } from 'vitest';
import type { Random } from '../../base/index.ts';
import { int4Type, type SqlType, textType, timestampType } from '../../types/index.ts';
import { expectSpilledTwin, expectTimedTwin, type Row, testEnvironment } from '../testing/index.ts';
import { asOfJoinFactory } from './operator.ts';
import { type AsOfJoinSpec, asOfJoinSpecCodec } from './spec.ts';

/** Key, time, something else. */
const inputs: readonly (readonly SqlType[])[] = [
  [int4Type, timestampType, textType],
  [int4Type, timestampType, textType],
];
const spec: AsOfJoinSpec = {
  joinType: 'left',
  keyCount: 1,
  leftTime: 1,
  rightTime: 1,
  direction: 'before',
  strict: false,
  tieBy: [0, 1, 2],
  latenessMicros: null,
};

const leftRow = (random: Random): Row => [
  random.nextInt(12) === 0 ? null : random.nextInt(60),
  random.nextInt(12) === 0 ? null : BigInt(random.nextInt(12)),
  ['a', 'ä'.repeat(20)][random.nextInt(2)]!,
];
const rightRow = (random: Random): Row => [random.nextInt(60), BigInt(random.nextInt(12)), ['x', 'y'][random.nextInt(2)]!];

describe.each([1, 15_000, 40_000])('an as-of join with %i bytes of memory', (bytesMax) => {
  test.each([
    { direction: 'before', joinType: 'left' },
    { direction: 'before', joinType: 'inner' },
    { direction: 'after', joinType: 'left' },
  ] as const)('finds what it finds in memory, restarts included: $direction, $joinType', (shape) => {
    const parameters = asOfJoinSpecCodec.encode({ ...spec, ...shape });
    for (const seed of [1, 2]) {
      const makeRow = [leftRow, rightRow];
      expectSpilledTwin(asOfJoinFactory, parameters, { environment: { inputs }, bytesMax, seed, makeRow, epochs: 30, batchRows: 50 });
    }
  });

  test.each([
    { direction: 'before', appendOnly: false },
    { direction: 'before', appendOnly: true },
    { direction: 'after', appendOnly: false },
  ] as const)(
    'forgets rows by the watermark, and finds what it finds in memory: $direction, added only: $appendOnly',
    ({ direction, appendOnly }) => {
      const parameters = asOfJoinSpecCodec.encode({ ...spec, direction, latenessMicros: 1_000_000n });
      const input = (nullable: boolean) => ({
        make: (own: Random, time: bigint | null): Row => [own.nextInt(60), nullable ? time : (time ?? 2_000_000_000n), 'ä'.repeat(own.nextInt(20))],
        timeOf: (row: Row) => row[1] as bigint | null,
      });
      for (const seed of [1, 2]) {
        expectTimedTwin(asOfJoinFactory, parameters, {
          environment: { inputs, appendOnly },
          bytesMax,
          seed,
          clock: 'watermark',
          exact: false,
          emptied: [direction === 'before' ? 'left' : 'right'],
          batchRows: 60,
          inputs: [input(appendOnly), input(false)],
        });
      }
    },
  );
});

test('without keys all rows stay in memory', () => {
  const parameters = asOfJoinSpecCodec.encode({ ...spec, keyCount: 0 });
  expect(asOfJoinFactory.spillKeys!(parameters, testEnvironment({ inputs }).environment)).toBeNull();
});
