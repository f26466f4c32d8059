import { describe, test } from 'vitest';
import { int4Type, int8Type, type SqlType, timestampType } from '../../types/index.ts';
import { expectTimedTwin, type Row } from '../testing/index.ts';
import { topNFactory } from '../top-n/operator.ts';
import { topNSpecCodec } from '../top-n/spec.ts';
import { windowAggregateFactory } from './operator.ts';
import { type WindowAggregateSpec, windowAggregateSpecCodec } from './spec.ts';

const SECOND = 1_000_000n;
/** A key, the end of a window, a value. */
const types: readonly SqlType[] = [int4Type, timestampType, int8Type];

const calls = [{ signature: 'count(*) -> int8', args: [], distinct: false, filter: null, orderBy: [], type: int8Type }];
const aggregate = (mode: WindowAggregateSpec['mode'], clock: WindowAggregateSpec['clock'], latenessMicros: bigint) =>
  windowAggregateSpecCodec.encode({ keys: [0, 1], windowEndKey: 1, partitionKeyCount: 1, calls, mode, clock, latenessMicros, slices: null });
const firstRows = (mode: WindowAggregateSpec['mode'], clock: WindowAggregateSpec['clock'], latenessMicros: bigint) =>
  topNSpecCodec.encode({
    partitionCount: 2,
    partitionKeyCount: 1,
    orderBy: [{ column: 2, descending: true, nullsFirst: false }],
    tieBy: [0, 1, 2],
    ranking: 'row-number',
    from: 1,
    to: 2,
    offset: 0,
    numbered: true,
    window: { endColumn: 1, clock, latenessMicros, mode },
  });

describe.each([
  { name: 'aggregates', factory: windowAggregateFactory, parametersOf: aggregate },
  { name: 'first rows', factory: topNFactory, parametersOf: firstRows },
])('$name of windows', ({ factory, parametersOf }) => {
  describe.each(['on-update', 'on-window-close'] as const)('%s', (mode) => {
    test.each([
      { bytesMax: 1, clock: 'watermark', latenessMicros: 0n },
      { bytesMax: 1, clock: 'epoch', latenessMicros: 0n },
      { bytesMax: 12_000, clock: 'watermark', latenessMicros: 2n * SECOND },
      { bytesMax: 25_000, clock: 'watermark', latenessMicros: 0n },
    ] as const)('with $bytesMax bytes of memory close as in memory, by the $clock, restarts included', ({ bytesMax, clock, latenessMicros }) => {
      for (const seed of [1, 2]) {
        expectTimedTwin(factory, parametersOf(mode, clock, latenessMicros), {
          environment: { inputs: [types] },
          bytesMax,
          seed,
          clock,
          exact: true,
          emptied: [],
          batchRows: 60,
          inputs: [
            {
              make: (own, time): Row => [own.nextInt(120), time === null ? null : (time / SECOND + 1n) * SECOND, BigInt(own.nextInt(5))],
              // A window that ends at the watermark has closed.
              timeOf: (row) => (row[1] === null ? null : (row[1] as bigint) - 1n),
            },
          ],
        });
      }
    });
  });
});
