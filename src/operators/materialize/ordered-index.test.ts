import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { type Batch, batchFromRows, encodeBatch } from '../../batch/index.ts';
import type { KeyRange } from '../../spi/index.ts';
import { float8Type, int8Type, type SqlType, textType } from '../../types/index.ts';
import { KeyOrder } from './key-order.ts';
import { KeySpan } from './key-span.ts';
import { type NumberedRows, OrderedIndex } from './ordered-index.ts';

const types: readonly SqlType[] = [textType, float8Type];
const columns = [0, 1];
const order = new KeyOrder(types, columns);

type Row = readonly [string | null, number | null];

/** Rows of one batch each; counts how often an index looks at one. */
class CountedRows implements NumberedRows {
  readonly present = new Map<number, { readonly row: Row; readonly batch: Batch }>();
  looks = 0;

  put(number: number, row: Row): void {
    this.present.set(number, { row, batch: batchFromRows(types, [row]) });
  }

  batchOf(number: number): Batch {
    this.looks++;
    return this.present.get(number)!.batch;
  }

  rowOf(): number {
    return 0;
  }

  numbers(): Int32Array {
    return Int32Array.from(this.present.keys());
  }
}

function bound(values: readonly (string | number | null)[], inclusive: boolean): KeyRange['low'] {
  return { values: encodeBatch(batchFromRows(types.slice(0, values.length), [values])), inclusive };
}

function found(index: OrderedIndex, low: KeyRange['low'], high: KeyRange['high']): number[] {
  return [...index.lookUp(new KeySpan({ columns, low, high }, order))];
}

describe('an ordered index', () => {
  test.each([1, 2, 3])('finds what a filter over all rows finds, while rows come and go (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const rows = new CountedRows();
    const texts = ['a', 'ab', 'b', 'ä', null];
    const numbers = [0, -0, 1.5, 2, Number.NaN, null];
    const draw = (): Row => [texts[random.nextInt(texts.length)]!, numbers[random.nextInt(numbers.length)]!];
    for (let number = 0; number < 300; number++) rows.put(number, draw());
    const index = new OrderedIndex(rows, order);
    for (let change = 0; change < 3000; change++) {
      const number = random.nextInt(2000);
      if (rows.present.has(number)) {
        index.remove(number);
        rows.present.delete(number);
      } else {
        rows.put(number, draw());
        index.add(number);
      }
    }
    const matching = (holds: (row: Row) => boolean): number[] => [...rows.present].filter(([, { row }]) => holds(row)).map(([number]) => number);
    const sorted = (list: readonly number[]): number[] => [...list].sort((left, right) => left - right);
    expect(sorted(found(index, null, null))).toEqual(sorted([...rows.present.keys()]));
    expect(sorted(found(index, bound(['ab'], true), bound(['ab'], true)))).toEqual(sorted(matching(([text]) => text === 'ab')));
    expect(sorted(found(index, bound(['a', 0], true), bound(['a', 1.5], false)))).toEqual(
      sorted(matching(([text, value]) => text === 'a' && value === 0)),
    );
    expect(sorted(found(index, bound(['b', 1.5], false), bound(['b', 2], true)))).toEqual(
      sorted(matching(([text, value]) => text === 'b' && value === 2)),
    );
    expect(sorted(found(index, null, bound(['b'], false)))).toEqual(sorted(matching(([text]) => text === 'a' || text === 'ab')));
    expect(sorted(found(index, bound(['b'], false), null))).toEqual(sorted(matching(([text]) => text === 'ä' || text === null)));
  });

  test('looks at the rows it finds and a few on the way, however many there are', () => {
    const rows = new CountedRows();
    for (let number = 0; number < 4000; number++) rows.put(number, ['a', (number * 7919) % 4000]);
    const index = new OrderedIndex(rows, order);
    rows.looks = 0;
    expect(found(index, bound(['a', 100], true), bound(['a', 109], true))).toHaveLength(10);
    expect(rows.looks).toBeLessThan(60);
  });

  test('is empty without rows, and after the last one has gone', () => {
    const rows = new CountedRows();
    const index = new OrderedIndex(rows, new KeyOrder([int8Type], [0]));
    rows.present.set(1, { row: [null, null], batch: batchFromRows([int8Type], [[1n]]) });
    index.add(1);
    index.remove(1);
    index.remove(1);
    expect([...index.lookUp(new KeySpan({ columns: [0], low: null, high: null }, order))]).toEqual([]);
  });
});
