import { describe, test } from 'vitest';
import type { Random } from '../../base/index.ts';
import { int4Type, int8Type, type SqlType, textType, timestampType } from '../../types/index.ts';
import { expectShownAgain, expectSpilledTwin, expectTimedTwin, type Row } from '../testing/index.ts';
import { overFactory } from './operator.ts';
import { type OverCallSpec, type OverSpec, overSpecCodec } from './spec.ts';

const types: readonly SqlType[] = [int4Type, int4Type, textType];
const frame: OverCallSpec['frame'] = {
  unit: 'range',
  start: { kind: 'unbounded-preceding', offset: null },
  end: { kind: 'current-row', offset: null },
  exclude: 'no-others',
};
const calls: readonly OverCallSpec[] = [
  { function: { kind: 'window', name: 'rank' }, args: [], filter: null, frame, type: int8Type },
  { function: { kind: 'aggregate', signature: 'sum(int4) -> int8' }, args: [1], filter: null, frame, type: int8Type },
];
const spec: OverSpec = {
  partitionCount: 1,
  partitionKeyCount: 1,
  orderBy: [{ column: 1, descending: false, nullsFirst: false }],
  tieBy: [0, 1, 2],
  calls,
  numberCopies: false,
  expiry: null,
};

const makeRow = (random: Random): Row => [
  random.nextInt(12) === 0 ? null : random.nextInt(120),
  random.nextInt(6),
  ['a', 'ä'.repeat(9)][random.nextInt(2)]!,
];

describe.each([1, 10_000, 40_000])('window functions with %i bytes of memory', (bytesMax) => {
  // Epochs are a millisecond apart.
  test.each([null, 3])('change what they do in memory, restarts included, with a ttl of %s ms', (stateTtlMs) => {
    const parameters = overSpecCodec.encode({ ...spec, stateTtlMs });
    for (const seed of [1, 2, 3]) {
      expectSpilledTwin(overFactory, parameters, { environment: { inputs: [types] }, bytesMax, seed, makeRow: [makeRow], epochs: 30, batchRows: 50 });
    }
  });

  test.each(['watermark', 'epoch'] as const)('forget partitions by the %s as in memory', (clock) => {
    const parameters = overSpecCodec.encode({
      ...spec,
      partitionCount: 2,
      orderBy: [{ column: 2, descending: false, nullsFirst: false }],
      tieBy: [0, 1, 2],
      calls: calls.map((call) => ({ ...call, args: call.args.map(() => 2) })),
      expiry: { column: 1, clock, latenessMicros: 2_000_000n },
    });
    for (const seed of [1, 2]) {
      expectTimedTwin(overFactory, parameters, {
        environment: { inputs: [[int4Type, timestampType, int4Type]] },
        bytesMax,
        seed,
        clock,
        exact: false,
        emptied: ['rows'],
        batchRows: 60,
        inputs: [{ make: (own, time) => [own.nextInt(40), time, own.nextInt(6)], timeOf: (row) => row[1] as bigint | null }],
      });
    }
  });
});

test('window functions whose reader begins anew show all they have shown, with what has come since', () => {
  for (const seed of [1, 2, 3]) {
    const narrow = (random: Random): Row => [random.nextInt(30), ...makeRow(random).slice(1)];
    expectShownAgain(overFactory, overSpecCodec.encode(spec), { environment: { inputs: [types] }, seed, makeRow: [narrow] });
  }
});
