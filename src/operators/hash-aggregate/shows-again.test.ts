import { expect, test } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { int4Type, int8Type, type SqlType, textType } from '../../types/index.ts';
import type { AggregateCallSpec } from '../spec/index.ts';
import { OperatorHarness, RandomChanges, spillingFactory } from '../testing/index.ts';
import { hashAggregateFactory } from './operator.ts';
import { hashAggregateSpecCodec } from './spec.ts';

const types: readonly SqlType[] = [int4Type, textType, int8Type];
const call = (signature: string, args: readonly number[]): AggregateCallSpec => {
  return { signature, args, distinct: false, filter: null, orderBy: [], type: int8Type };
};
const calls = [call('count(*) -> int8', []), call('min(int8) -> int8', [2])];
const spec = (keys: readonly number[]) => hashAggregateSpecCodec.encode({ keys, partitionKeyCount: keys.length, calls });

test.each([
  ['in memory', hashAggregateFactory],
  ['with 2,000 bytes of memory', spillingFactory(hashAggregateFactory, { bytesMax: 2_000 })],
])('an aggregate %s shows all it holds once more, net of the changes of that epoch, and only once', (_, factory) => {
  const random = seededRandom(5);
  const changes = new RandomChanges(random, () => [random.nextInt(50), ['a', 'b'][random.nextInt(2)]!, BigInt(random.nextInt(9))]);
  const [kept, twin] = [factory, hashAggregateFactory].map((one) => new OperatorHarness(one, spec([0, 1]), { inputs: [types], batchRows: 16 }));
  const change = (): void => {
    const { rows, weights } = changes.next(60);
    for (const harness of [kept!, twin!]) harness.rows(0, rows, weights);
  };
  for (let epoch = 0; epoch < 5; epoch++) {
    change();
    kept!.barrier(true);
    twin!.barrier();
  }
  kept!.restartShowing();
  change();
  twin!.barrier();
  expect(kept!.barrier(true)).toEqual(twin!.content.lines());
  change();
  expect(kept!.barrier(true)).toEqual(twin!.barrier());
  kept!.restart();
  expect(kept!.barrier()).toEqual([]);
});

test('the one group of an aggregate without keys is shown once more, rows or none', () => {
  const harness = new OperatorHarness(hashAggregateFactory, spec([]), { inputs: [types] });
  expect(harness.barrier(true)).toEqual(['["0n",null]']);
  harness.restartShowing();
  expect(harness.barrier(true)).toEqual(['["0n",null]']);
  harness.rows(0, [[1, 'a', 4n]]);
  harness.barrier(true);
  harness.restartShowing();
  expect(harness.barrier()).toEqual(['["1n","4n"]']);
});
