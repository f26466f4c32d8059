import { test } from 'vitest';
import { int4Type, type SqlType, timestampType } from '../../types/index.ts';
import { expectTimedTwin, type Row } from '../testing/index.ts';
import { temporalFilterFactory } from './operator.ts';
import { temporalFilterSpecCodec } from './spec.ts';

const SECOND = 1_000_000n;
const types: readonly SqlType[] = [int4Type, timestampType];

test.each([true, false].flatMap((waits) => [1, 8_000, 20_000].map((bytesMax) => ({ waits, bytesMax }))))(
  'rows come and leave by the present as in memory, restarts included: %o',
  ({ waits, bytesMax }) => {
    const bounds = [
      { column: 1, operator: '>', shiftMicros: -5n * SECOND },
      ...(waits ? [{ column: 1, operator: '<=', shiftMicros: -1n * SECOND } as const] : []),
    ] as const;
    const parameters = temporalFilterSpecCodec.encode({ bounds, width: 2, partitionBy: [0], partitionKeyCount: 1 });
    for (const seed of [1, 2, 3]) {
      expectTimedTwin(temporalFilterFactory, parameters, {
        environment: { inputs: [types] },
        bytesMax,
        seed,
        clock: 'epoch',
        exact: true,
        emptied: ['rows'],
        batchRows: 60,
        inputs: [{ make: (own, time): Row => [own.nextInt(80), time], timeOf: (row) => row[1] as bigint | null }],
      });
    }
  },
);
