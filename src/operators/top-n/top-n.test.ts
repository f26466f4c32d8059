import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import { rowsOf } from '../../batch/index.ts';
import { int4Type, type SqlType, textType, timestampType } from '../../types/index.ts';
import { OperatorHarness, RandomChanges, type Row, RowSet, rowKey } from '../testing/index.ts';
import { topNFactory } from './operator.ts';
import { type TopNSpec, topNSpecCodec } from './spec.ts';

/** A partition, a number to order by and a text that decides between equal ones. */
const inputs: readonly (readonly SqlType[])[] = [[int4Type, int4Type, textType]];
const plain: TopNSpec = {
  partitionCount: 1,
  partitionKeyCount: 1,
  orderBy: [{ column: 1, descending: true, nullsFirst: false }],
  tieBy: [0, 1, 2],
  ranking: 'row-number',
  from: 1,
  to: 3,
  offset: 0,
  numbered: false,
  window: null,
};

const randomRow = (random: Random): Row => [
  random.nextInt(3),
  random.nextInt(7) === 0 ? null : random.nextInt(5),
  ['a', 'b', 'c'][random.nextInt(3)]!,
];

/** Descending numbers, NULL last, ties by partition and text. */
function compare(left: Row, right: Row): number {
  const [a, b] = [left[1] as number | null, right[1] as number | null];
  if (a !== b) return a === null ? 1 : b === null ? -1 : b - a;
  if (left[0] !== right[0]) return (left[0] as number) - (right[0] as number);
  return (left[2] as string) < (right[2] as string) ? -1 : left[2] === right[2] ? 0 : 1;
}

function expected(rows: readonly Row[], spec: TopNSpec): string[] {
  const result = new RowSet();
  for (const partition of spec.partitionCount === 0 ? [null] : [0, 1, 2]) {
    const sorted = rows.filter((row) => partition === null || row[0] === partition).sort(compare);
    const ranks = sorted.map((row) => sorted.findIndex((other) => other[1] === row[1]) + 1);
    for (const [index, row] of sorted.entries()) {
      const number = { 'row-number': index + 1, rank: ranks[index]!, 'dense-rank': new Set(ranks.slice(0, index + 1)).size }[spec.ranking];
      if (index < spec.offset || number < spec.from || number > (spec.to ?? number)) continue;
      result.add(spec.numbered ? [...row, BigInt(number)] : row, 1);
    }
  }
  return result.lines();
}

const cases: readonly (Partial<TopNSpec> & { readonly appendOnly?: boolean })[] = [
  { partitionCount: 0, partitionKeyCount: 0 },
  { partitionCount: 0, partitionKeyCount: 0, from: 3, to: 6 },
  { partitionCount: 0, partitionKeyCount: 0, from: 2, to: null },
  { partitionCount: 0, partitionKeyCount: 0, ranking: 'rank', to: 4, offset: 2 },
  { appendOnly: true },
  { appendOnly: true, to: 1 },
  { appendOnly: true, numbered: true },
  { appendOnly: true, partitionCount: 0, partitionKeyCount: 0, to: 7 },
  { appendOnly: true, partitionCount: 0, partitionKeyCount: 0, to: 7, numbered: true },
  { appendOnly: true, from: 2, to: 4 },
  { appendOnly: true, ranking: 'rank', to: 2 },
  {},
  { numbered: true },
  { numbered: true, from: 2, to: 2 },
  { ranking: 'rank', numbered: true },
  { ranking: 'dense-rank', numbered: true, to: 2 },
  { ranking: 'dense-rank', to: 2 },
  { to: 0 },
];

test.each(cases.map((one, index) => ({ ...one, seed: index + 1 })))('equals the sorted rows at every epoch, restarts included: %o', (one) => {
  const { seed, appendOnly = false, ...changed } = one;
  const spec: TopNSpec = { ...plain, ...changed };
  const random = seededRandom(seed);
  const changes = new RandomChanges(random, randomRow);
  const harness = new OperatorHarness(topNFactory, topNSpecCodec.encode(spec), { inputs, appendOnly });
  for (let epoch = 0; epoch < 60; epoch++) {
    if (appendOnly) {
      const rows = [randomRow(random), randomRow(random)];
      changes.present.push(...rows);
      harness.rows(0, rows);
    } else {
      const { rows, weights } = changes.next(random.nextInt(epoch % 10 === 0 ? 40 : 6));
      harness.rows(0, rows, weights);
    }
    const checkpoint = random.nextInt(3) === 0;
    harness.barrier(checkpoint);
    const emitted = harness.emitted.flatMap((batch) => rowsOf(batch).map(rowKey));
    expect(new Set(emitted).size, 'no two rows of a net change are equal').toBe(emitted.length);
    expect(harness.content.lines(), `seed ${seed} epoch ${epoch}`).toEqual(expected(changes.present, spec));
    if (checkpoint && random.nextInt(2) === 0) harness.restart();
  }
  if (appendOnly && spec.ranking === 'row-number')
    expect(harness.savedRows(spec.from === 1 ? 'first-rows' : 'rows')).toBeLessThanOrEqual(3 * spec.to!);
});

const windowed: readonly (readonly SqlType[])[] = [[timestampType, int4Type]];
const overWindows = (mode: 'on-update' | 'on-window-close'): TopNSpec => ({
  ...plain,
  tieBy: [0, 1],
  to: 2,
  window: { endColumn: 0, clock: 'watermark', latenessMicros: 5n, mode },
});

test('shows a window when it closes, once, and forgets it', () => {
  const harness = new OperatorHarness(topNFactory, topNSpecCodec.encode(overWindows('on-window-close')), { inputs: windowed, appendOnly: true });
  harness.rows(0, [
    [10n, 1],
    [10n, 3],
    [10n, 2],
    [20n, 7],
  ]);
  harness.watermark(14n);
  expect(harness.barrier(true)).toEqual([]);
  harness.restart();
  harness.watermark(15n);
  expect(harness.barrier(true)).toEqual(['["10n",2]', '["10n",3]']);
  expect(harness.savedRows('rows')).toBe(1);
  harness.watermark(30n);
  expect(harness.barrier(true)).toEqual(['["20n",7]']);
  expect(harness.savedRows('rows')).toBe(0);
});

test('on update a closed window keeps its rows and loses its state', () => {
  const harness = new OperatorHarness(topNFactory, topNSpecCodec.encode(overWindows('on-update')), { inputs: windowed });
  harness.rows(0, [
    [10n, 1],
    [10n, 3],
  ]);
  expect(harness.barrier()).toEqual(['["10n",1]', '["10n",3]']);
  // The partition has lost its rows and gets one again before it closes.
  harness.rows(
    0,
    [
      [10n, 1],
      [10n, 3],
    ],
    [-1, -1],
  );
  expect(harness.barrier()).toEqual(['["10n",1] x-1', '["10n",3] x-1']);
  harness.rows(0, [[10n, 4]]);
  harness.watermark(15n);
  expect(harness.barrier(true)).toEqual(['["10n",4]']);
  expect(harness.savedRows('rows')).toBe(0);
});
