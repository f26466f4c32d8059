import { test } from 'vitest';
import { int4Type, textType } from '../../types/index.ts';
import { expectSpilledTwin } from '../testing/index.ts';
import { rowTtlFactory } from './operator.ts';
import { rowTtlSpecCodec } from './spec.ts';

// Epochs are a millisecond apart.
test.each([1, 8_000, 15_000])('rows with %i bytes of memory are forgotten as in memory, restarts included', (bytesMax) => {
  const parameters = rowTtlSpecCodec.encode({ ttlMs: 4, partitionBy: [1] });
  for (const seed of [1, 2, 3]) {
    expectSpilledTwin(rowTtlFactory, parameters, {
      environment: { inputs: [[textType, int4Type]] },
      bytesMax,
      seed,
      makeRow: [(random) => [['a', null, 'ä'][random.nextInt(3)]!, random.nextInt(80)]],
      epochs: 40,
      batchRows: 60,
    });
  }
});
