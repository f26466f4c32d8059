import { test } from 'vitest';
import type { Random } from '../../base/index.ts';
import { int4Type, int8Type, type SqlType, textType } from '../../types/index.ts';
import { expectSpilledTwin, type Row } from '../testing/index.ts';
import { overFactory } from './operator.ts';
import { type OverCallSpec, overSpecCodec } from './spec.ts';

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
const parameters = overSpecCodec.encode({
  partitionCount: 1,
  partitionKeyCount: 1,
  orderBy: [{ column: 1, descending: false, nullsFirst: false }],
  tieBy: [0, 1, 2],
  calls,
  numberCopies: false,
  expiry: null,
});

const makeRow = (random: Random): Row => [
  random.nextInt(12) === 0 ? null : random.nextInt(120),
  random.nextInt(6),
  ['a', 'ä'.repeat(9)][random.nextInt(2)]!,
];

test.each([1, 10_000, 40_000])('window functions with %i bytes of memory change what they do in memory, restarts included', (bytesMax) => {
  for (const seed of [1, 2, 3]) {
    expectSpilledTwin(overFactory, parameters, { environment: { inputs: [types] }, bytesMax, seed, makeRow: [makeRow], epochs: 30, batchRows: 50 });
  }
});
