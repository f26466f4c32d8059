import { describe, test } from 'vitest';
import { int4Type, type SqlType, textType } from '../../types/index.ts';
import { expectSpilledTwin } from '../testing/index.ts';
import { hashJoinFactory } from './operator.ts';
import { type HashJoinSpec, hashJoinSpecCodec } from './spec.ts';

const types: readonly SqlType[] = [int4Type, textType];

function parametersOf(joinType: HashJoinSpec['joinType'], broadcast: HashJoinSpec['broadcast'] = null) {
  return hashJoinSpecCodec.encode({
    joinType,
    leftKeys: [0],
    rightKeys: [0],
    residual: null,
    expiry: [null, null],
    latenessMicros: 0n,
    broadcast,
  });
}

describe.each(['inner', 'left', 'full', 'semi', 'anti', 'single'] as const)('a %s join', (joinType) => {
  test.each([
    { bytesMax: 1, appendOnly: false },
    { bytesMax: 12_000, appendOnly: false },
    { bytesMax: 30_000, appendOnly: false },
    { bytesMax: 1, appendOnly: true },
    { bytesMax: 12_000, appendOnly: true },
  ])('with $bytesMax bytes of memory (append-only: $appendOnly) changes what one in memory does, restarts included', ({ bytesMax, appendOnly }) => {
    for (const seed of [1, 2]) {
      expectSpilledTwin(hashJoinFactory, parametersOf(joinType), {
        environment: { inputs: [types, types], appendOnly },
        bytesMax,
        seed,
        makeRow: [0, 1].map(() => (random) => [random.nextInt(12) === 0 ? null : random.nextInt(150), ['a', 'b', 'ä'][random.nextInt(3)]!]),
        epochs: 30,
        batchRows: 60,
      });
    }
  });
});

/** Rows of the side that is not broadcast lie by another column than the key, by all of them, or anywhere. */
test.each([
  { joinType: 'inner', broadcast: { input: 1, local: [0, 1], loose: true }, appendOnly: true },
  { joinType: 'inner', broadcast: { input: 0, local: [1], loose: false }, appendOnly: false },
  { joinType: 'left', broadcast: { input: 1, local: [0, 1], loose: false }, appendOnly: true },
  { joinType: 'right', broadcast: { input: 0, local: [1], loose: false }, appendOnly: false },
  { joinType: 'semi', broadcast: { input: 1, local: [1, 0], loose: false }, appendOnly: false },
] as const)('a broadcast join on disk changes what one in memory does: $joinType $broadcast', ({ joinType, broadcast, appendOnly }) => {
  for (const bytesMax of [1, 12_000]) {
    expectSpilledTwin(hashJoinFactory, parametersOf(joinType, broadcast), {
      environment: { inputs: [types, types], appendOnly },
      bytesMax,
      seed: bytesMax,
      makeRow: [0, 1].map(() => (random) => [random.nextInt(12) === 0 ? null : random.nextInt(150), ['a', 'b', 'ä'][random.nextInt(3)]!]),
      epochs: 30,
      batchRows: 60,
    });
  }
});
