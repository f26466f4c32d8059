import { describe, expect, test } from 'vitest';
import { compareOrdered, type DatumOrder } from './compare-ordered.ts';
import type { Datum } from './datum.ts';
import { int4Type } from './type-constants.ts';

describe('compareOrdered', () => {
  const sorted = (order: DatumOrder): (Datum | null)[] => [2, null, 3, null, 1].sort((left, right) => compareOrdered(int4Type, left, right, order));

  test.each([
    [false, false, [1, 2, 3, null, null]],
    [false, true, [null, null, 1, 2, 3]],
    [true, false, [3, 2, 1, null, null]],
    [true, true, [null, null, 3, 2, 1]],
  ])('descending %s, nulls first %s', (descending, nullsFirst, expected) => {
    expect(sorted({ descending, nullsFirst })).toEqual(expected);
  });

  test('equal values and two NULLs are peers', () => {
    for (const descending of [false, true]) {
      for (const value of [7, null]) expect(compareOrdered(int4Type, value, value, { descending, nullsFirst: true }) === 0).toBe(true);
    }
  });
});
