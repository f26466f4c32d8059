import { expect, test } from 'vitest';
import type { ReadableRelation } from '../../spi/index.ts';
import { ReadableRelations } from './readable-relations.ts';

/** A relation with a delta of one byte an epoch, of which `heldFrom` and later ones stay whoever wants them gone. */
function relation(epochs: readonly number[], heldFrom = Number.POSITIVE_INFINITY): ReadableRelation & { readonly epochs: () => readonly number[] } {
  let left = epochs;
  let pinnedThrough = Number.NEGATIVE_INFINITY;
  const pinned = (): readonly number[] => left.filter((epoch) => epoch <= pinnedThrough);
  const made: Partial<ReadableRelation> & { readonly epochs: () => readonly number[] } = {
    epochs: () => left,
    release: (epoch) => {
      left = left.filter((one) => one > epoch || one >= heldFrom);
    },
    pinnedThrough: (epoch) => {
      pinnedThrough = epoch;
    },
    pinned: () => ({ bytes: pinned().length, oldest: pinned()[0] ?? null }),
  };
  return made as ReadableRelation & { readonly epochs: () => readonly number[] };
}

test('the oldest deltas that only pins need go when there are too many, whichever relation they are of', () => {
  const relations = new ReadableRelations();
  const [one, other] = [relation([1, 3, 5]), relation([2, 4, 6])];
  relations.add(1 as never, one);
  relations.add(2 as never, other);
  const needed = { through: 0, pinnedThrough: 5 };
  relations.forget(
    new Map([
      [1 as never, needed],
      [2 as never, needed],
    ]),
    2,
  );
  expect([one.epochs(), other.epochs()]).toEqual([[5], [4, 6]]);
});

test('a relation that keeps its deltas for a job that stands still is left as it is, and the limit is for the others', () => {
  const relations = new ReadableRelations();
  const [held, other] = [relation([1, 2, 3, 4], 2), relation([1, 2, 3])];
  relations.add(1 as never, held);
  relations.add(2 as never, other);
  const needed = { through: 0, pinnedThrough: 4 };
  relations.forget(
    new Map([
      [1 as never, needed],
      [2 as never, needed],
    ]),
    1,
  );
  expect([held.epochs(), other.epochs()]).toEqual([[2, 3, 4], [3]]);
});
