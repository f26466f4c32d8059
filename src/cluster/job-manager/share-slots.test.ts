import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type GroupDemand, shareSlots } from './share-slots.ts';

function group(name: string, wanted: number, { least = 0, held = 0 }: { least?: number; held?: number } = {}): GroupDemand {
  return { group: name, wanted, least, held };
}

function shares(places: number, ...groups: readonly GroupDemand[]): Record<string, number> {
  return Object.fromEntries([...shareSlots(places, groups)].sort(([left], [right]) => (left < right ? -1 : 1)));
}

it('gives one group all it wants, or all there is', () => {
  expect([0, 1, 3, 4, 9].map((places) => shares(places, group('a', 4)).a)).toEqual([0, 1, 3, 4, 4]);
});

it('gives several groups equal shares, and what one does not want to the others', () => {
  expect(shares(6, group('a', 4), group('b', 4))).toEqual({ a: 3, b: 3 });
  expect(shares(6, group('a', 8), group('b', 1), group('c', 8))).toEqual({ a: 3, b: 1, c: 2 });
});

it('gives what is left over to who has more already, then to who comes first', () => {
  expect(shares(3, group('a', 4), group('b', 4))).toEqual({ a: 2, b: 1 });
  expect(shares(3, group('a', 4, { held: 1 }), group('b', 4, { held: 2 }))).toEqual({ a: 1, b: 2 });
  expect(shares(1, group('a', 4), group('b', 4, { held: 1 }))).toEqual({ a: 0, b: 1 });
});

it('takes nothing from a job that stands still', () => {
  expect(shares(3, group('a', 4), group('b', 4, { least: 3, held: 3 }))).toEqual({ a: 0, b: 3 });
  expect(shares(4, group('a', 4), group('b', 4, { least: 3, held: 3 }))).toEqual({ a: 1, b: 3 });
});

const anyGroups = fc.array(fc.record({ wanted: fc.integer({ min: 1, max: 9 }), held: fc.integer({ min: 0, max: 9 }) }), {
  minLength: 1,
  maxLength: 6,
});

it('never gives more than there is or is wanted, leaves none over, and is fair to within one slot', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40 }), anyGroups, (places, demands) => {
      const groups = demands.map(({ wanted, held }, index) => group(`g${index}`, wanted, { held }));
      const given = shareSlots(places, groups);
      const total = [...given.values()].reduce((sum, share) => sum + share, 0);
      expect(total).toBe(
        Math.min(
          places,
          groups.reduce((sum, { wanted }) => sum + wanted, 0),
        ),
      );
      const most = Math.max(...given.values());
      for (const { group: name, wanted } of groups) {
        const share = given.get(name)!;
        expect(share).toBeLessThanOrEqual(wanted);
        if (share < wanted) expect(share).toBeGreaterThanOrEqual(most - 1);
      }
    }),
    { seed: 20261122, numRuns: 1_000 },
  );
});

it('is stable: who has what it gives gets the same again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40 }), anyGroups, (places, demands) => {
      const groups = demands.map(({ wanted, held }, index) => group(`g${index}`, wanted, { held }));
      const given = shareSlots(places, groups);
      const again = shareSlots(
        places,
        groups.map((one) => ({ ...one, held: given.get(one.group)! })),
      );
      expect([...again].sort()).toEqual([...given].sort());
    }),
    { seed: 20261122, numRuns: 1_000 },
  );
});
