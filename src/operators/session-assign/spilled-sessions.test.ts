import { describe, test } from 'vitest';
import type { Random } from '../../base/index.ts';
import { int4Type, int8Type, type SqlType, timestampType } from '../../types/index.ts';
import { expectShownAgain, expectSpilledTwin, expectTimedTwin, type Row } from '../testing/index.ts';
import { sessionAssignFactory } from './operator.ts';
import { type SessionAssignSpec, sessionAssignSpecCodec } from './spec.ts';

const SECOND = 1_000_000n;
/** A key, a time, a value. */
const types: readonly SqlType[] = [int4Type, timestampType, int8Type];

const parametersOf = (mode: SessionAssignSpec['mode'], closedBy: SessionAssignSpec['closedBy']) =>
  sessionAssignSpecCodec.encode({ timeColumn: 1, gapMicros: 2n * SECOND, partitionBy: [0], partitionKeyCount: 1, mode, closedBy });

const make = (own: Random, time: bigint | null): Row => [own.nextInt(12) === 0 ? null : own.nextInt(60), time, BigInt(own.nextInt(3))];

describe.each([1, 8_000, 20_000])('sessions with %i bytes of memory', (bytesMax) => {
  test.each([
    { mode: 'on-update', clock: 'watermark', latenessMicros: 0n },
    { mode: 'on-update', clock: 'watermark', latenessMicros: 2n * SECOND },
    { mode: 'on-window-close', clock: 'watermark', latenessMicros: SECOND },
    { mode: 'on-window-close', clock: 'epoch', latenessMicros: 0n },
  ] as const)('grow, join, split and close as in memory, restarts included: %o', ({ mode, clock, latenessMicros }) => {
    for (const seed of [1, 2]) {
      expectTimedTwin(sessionAssignFactory, parametersOf(mode, { clock, latenessMicros }), {
        environment: { inputs: [types], appendOnly: mode === 'on-window-close' },
        bytesMax,
        seed,
        clock,
        exact: true,
        emptied: ['rows'],
        batchRows: 40,
        inputs: [{ make, timeOf: (row) => row[1] as bigint | null }],
      });
    }
  });

  test('that nothing closes stay what they are in memory, restarts included', () => {
    for (const seed of [1, 2]) {
      expectSpilledTwin(sessionAssignFactory, parametersOf('on-update', null), {
        environment: { inputs: [types] },
        bytesMax,
        seed,
        makeRow: [(random) => make(random, BigInt(random.nextInt(40)) * SECOND)],
        epochs: 40,
        batchRows: 40,
      });
    }
  });
});

test('sessions that nothing closes, and whose reader begins anew, show all they have shown, with what has come since', () => {
  for (const seed of [1, 2, 3]) {
    expectShownAgain(sessionAssignFactory, parametersOf('on-update', null), {
      environment: { inputs: [types] },
      seed,
      makeRow: [(random) => [random.nextInt(5), BigInt(random.nextInt(60)) * SECOND, BigInt(random.nextInt(3))]],
    });
  }
});
