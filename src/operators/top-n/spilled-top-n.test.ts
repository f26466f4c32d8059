import { describe, expect, test } from 'vitest';
import type { Random } from '../../base/index.ts';
import { int4Type, type SqlType, textType } from '../../types/index.ts';
import { expectShownAgain, expectSpilledTwin, type Row, testEnvironment } from '../testing/index.ts';
import { topNFactory } from './operator.ts';
import { type TopNSpec, topNSpecCodec } from './spec.ts';

const types: readonly SqlType[] = [int4Type, int4Type, textType];
const plain: TopNSpec = {
  partitionCount: 1,
  partitionKeyCount: 1,
  orderBy: [{ column: 1, descending: true, nullsFirst: false }],
  tieBy: [0, 1, 2],
  ranking: 'row-number',
  from: 1,
  to: 2,
  offset: 0,
  numbered: false,
  window: null,
};

const makeRow = (random: Random): Row => [
  random.nextInt(10) === 0 ? null : random.nextInt(250),
  random.nextInt(9),
  ['a', 'b', 'ä'.repeat(20)][random.nextInt(3)]!,
];

describe.each<Partial<TopNSpec> & { readonly appendOnly?: boolean }>([
  {},
  { to: 1 },
  { numbered: true, to: null },
  { ranking: 'rank', to: 3, numbered: true },
  // Epochs are a millisecond apart.
  { stateTtlMs: 3 },
  { stateTtlMs: 2, ranking: 'rank', to: 3, numbered: true },
  { appendOnly: true },
  { appendOnly: true, to: 1, numbered: true },
  { appendOnly: true, ranking: 'dense-rank' },
])('the first rows of partitions, %o', ({ appendOnly = false, ...changed }) => {
  test.each([1, 9_000, 30_000])('with %i bytes of memory change and save what they do in memory, restarts included', (bytesMax) => {
    for (const seed of [1, 2]) {
      const environment = { inputs: [types], appendOnly };
      const parameters = topNSpecCodec.encode({ ...plain, ...changed });
      expectSpilledTwin(topNFactory, parameters, { environment, bytesMax, seed, makeRow: [makeRow], epochs: 30, batchRows: 60 });
    }
  });
});

test('without partitions all rows stay in memory', () => {
  const parameters = topNSpecCodec.encode({ ...plain, partitionCount: 0, partitionKeyCount: 0 });
  expect(topNFactory.spillKeys!(parameters, testEnvironment({ inputs: [types] }).environment)).toBeNull();
});

test.each<Partial<TopNSpec> & { readonly appendOnly?: boolean }>([
  {},
  { numbered: true, to: null },
  { ranking: 'rank', to: 3, numbered: true },
  { appendOnly: true },
  { appendOnly: true, to: 3, numbered: true },
  { appendOnly: true, ranking: 'dense-rank' },
  { partitionCount: 0, partitionKeyCount: 0, from: 2, to: 9 },
])('first rows whose reader begins anew show all they have shown, with what has come since: %o', ({ appendOnly = false, ...changed }) => {
  const parameters = topNSpecCodec.encode({ ...plain, ...changed });
  for (const seed of [1, 2, 3]) {
    const narrow = (random: Random): Row => [random.nextInt(30), ...makeRow(random).slice(1)];
    expectShownAgain(topNFactory, parameters, { environment: { inputs: [types], appendOnly }, seed, makeRow: [narrow] });
  }
});
