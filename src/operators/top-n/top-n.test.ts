import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import { int4Type, type SqlType, textType } from '../../types/index.ts';
import { OperatorHarness, RandomChanges, type Row, RowSet } from '../testing/index.ts';
import { topNFactory } from './operator.ts';
import { topNSpecCodec } from './spec.ts';

const inputs: readonly (readonly SqlType[])[] = [[int4Type, textType]];
const orderBy = [{ column: 0, descending: true, nullsFirst: false }];

const randomRow = (random: Random): Row => [random.nextInt(7) === 0 ? null : random.nextInt(5), ['a', 'b', 'c'][random.nextInt(3)]!];

/** Descending numbers, NULL last, ties by number (equal) and then text. */
function expected(rows: readonly Row[], offset: number, limit: number | null): string[] {
  const sorted = [...rows].sort((left, right) => {
    const [a, b] = [left[0] as number | null, right[0] as number | null];
    if (a !== b) return a === null ? 1 : b === null ? -1 : b - a;
    return (left[1] as string) < (right[1] as string) ? -1 : left[1] === right[1] ? 0 : 1;
  });
  const result = new RowSet();
  for (const row of sorted.slice(offset, limit === null ? undefined : offset + limit)) result.add(row, 1);
  return result.lines();
}

test.each([
  { seed: 1, offset: 0, limit: 3, appendOnly: false },
  { seed: 2, offset: 2, limit: 4, appendOnly: false },
  { seed: 3, offset: 1, limit: null, appendOnly: false },
  { seed: 4, offset: 1, limit: 3, appendOnly: true },
])('equals the sorted slice at every epoch, restarts included: %o', ({ seed, offset, limit, appendOnly }) => {
  const random = seededRandom(seed);
  const changes = new RandomChanges(random, randomRow);
  const harness = new OperatorHarness(topNFactory, topNSpecCodec.encode({ orderBy, limit, offset }), { inputs, appendOnly });
  for (let epoch = 0; epoch < 50; epoch++) {
    if (appendOnly) {
      const rows = [randomRow(random), randomRow(random)];
      changes.present.push(...rows);
      harness.rows(0, rows);
    } else {
      const { rows, weights } = changes.next(random.nextInt(6));
      harness.rows(0, rows, weights);
    }
    const checkpoint = random.nextInt(3) === 0;
    harness.barrier(checkpoint);
    expect(harness.content.lines(), `seed ${seed} epoch ${epoch}`).toEqual(expected(changes.present, offset, limit));
    if (checkpoint && random.nextInt(2) === 0) harness.restart();
  }
  if (appendOnly) expect(harness.savedRows('rows')).toBeLessThanOrEqual(offset + limit!);
});
