import { describe, expect, it } from 'vitest';
import { murmur3 } from '../base/index.ts';
import type { SqlType } from '../types/index.ts';
import { batchFromRows } from './batch-builder.ts';
import { columnFromDatums } from './column-builder.ts';
import { hashRows } from './hash-rows.ts';
import { keyColumns, presentableKeyColumn } from './key-columns.ts';
import { keyGroupOf, keyGroupRange, rowsByTarget, subtaskOfKeyGroup, subtasksOfHashes } from './key-group.ts';
import { readDatum } from './read-datum.ts';

function hashesOf(types: SqlType[], rows: Parameters<typeof batchFromRows>[1]): number[] {
  const batch = batchFromRows(types, rows);
  const out = new Uint32Array(rows.length);
  hashRows(
    keyColumns(
      batch,
      types.map((_, index) => index),
    ),
    rows.length,
    out,
  );
  return [...out];
}

describe('hashRows', () => {
  it('is murmur3 over eight little-endian bytes, chained over columns', () => {
    const bytes = new Uint8Array(new BigInt64Array([-5n]).buffer);
    const first = murmur3(bytes, 0, 8, 0);
    const text = new TextEncoder().encode('hello');
    expect(hashesOf([{ kind: 'int8' }, { kind: 'text' }], [[-5n, 'hello']])).toEqual([murmur3(text, 0, 5, first)]);
  });

  it('agrees for equal values of different types and spellings', () => {
    expect(hashesOf([{ kind: 'int4' }], [[-7], [null]])).toEqual(hashesOf([{ kind: 'int8' }], [[-7n], [null]]));
    const [zero, negativeZero, nan, otherNan] = hashesOf([{ kind: 'float8' }], [[0], [-0], [Number.NaN], [otherNaN()]]);
    expect(zero).toBe(negativeZero);
    expect(nan).toBe(otherNan);
  });

  it('agrees for numerics and blank-padded texts however they are written, and shows them as their type wants', () => {
    const numeric: SqlType = { kind: 'numeric', precision: 10, scale: 2 };
    const char: SqlType = { kind: 'char', length: 4 };
    const hashes = hashesOf(
      [numeric, char],
      [
        [{ mantissa: 150n, scale: 2 }, 'ab  '],
        [{ mantissa: 15n, scale: 1 }, 'ab'],
      ],
    );
    expect(hashes[0]).toBe(hashes[1]);
    const keys = keyColumns(
      batchFromRows(
        [numeric, char],
        [
          [{ mantissa: 150n, scale: 2 }, 'ab  '],
          [null, null],
        ],
      ),
      [0, 1],
    );
    expect(readDatum(keys[0]!, 0)).toEqual({ mantissa: 15n, scale: 1 });
    expect(readDatum(presentableKeyColumn(keys[0]!, 2), 0)).toEqual({ mantissa: 150n, scale: 2 });
    expect([readDatum(presentableKeyColumn(keys[1]!, 2), 0), readDatum(presentableKeyColumn(keys[1]!, 2), 1)]).toEqual(['ab  ', null]);
  });

  it('does not depend on what lies in the slot of a NULL', () => {
    const column = columnFromDatums({ kind: 'int8' }, [null, 1n]);
    if (column.storage === 'bytes') throw new Error('not reached');
    const before = new Uint32Array(2);
    hashRows([column], 2, before);
    column.i32[0] = 77;
    const after = new Uint32Array(2);
    hashRows([column], 2, after);
    expect(after).toEqual(before);
  });

  it('never changes: stored key groups depend on it', () => {
    expect(hashesOf([{ kind: 'int8' }], [[0n], [1n], [-1n], [null]])).toMatchInlineSnapshot(`
      [
        1669671676,
        1392991556,
        1651860712,
        4251775245,
      ]
    `);
    expect(hashesOf([{ kind: 'text' }], [[''], ['a'], ['fsql'], [null]])).toMatchInlineSnapshot(`
      [
        0,
        1009084850,
        2025578718,
        4251775245,
      ]
    `);
  });
});

describe('key groups', () => {
  it('ranges cover the space exactly and agree with the owner function', () => {
    let wrong = 0;
    for (let max = 1; max <= 130; max += 3) {
      for (let parallelism = 1; parallelism <= max; parallelism++) {
        let next = 0;
        for (let subtask = 0; subtask < parallelism; subtask++) {
          const range = keyGroupRange(subtask, parallelism, max);
          if (range.first !== next) wrong++;
          for (let group = range.first; group <= range.last; group++) if (subtaskOfKeyGroup(group, parallelism, max) !== subtask) wrong++;
          next = range.last + 1;
        }
        if (next !== max) wrong++;
      }
    }
    expect(wrong).toBe(0);
  });

  it('splits rows by owner, in order', () => {
    const hashes = Uint32Array.from({ length: 1000 }, (_, row) => Math.imul(row, 0x9e3779b1) >>> 0);
    const targets = new Int32Array(1000);
    subtasksOfHashes(hashes, 1000, { parallelism: 3, maxParallelism: 128 }, targets);
    const { rows, offsets } = rowsByTarget(targets, 1000, 3);
    for (let target = 0; target < 3; target++) {
      const own = [...rows.subarray(offsets[target], offsets[target + 1])];
      expect(own).toEqual(own.toSorted((left, right) => left - right));
      for (const row of own) expect(subtaskOfKeyGroup(keyGroupOf(hashes[row]!, 128), 3, 128)).toBe(target);
    }
    expect(offsets[3]).toBe(1000);
  });
});

function otherNaN(): number {
  return new Float64Array(new Uint32Array([1, 0xfff80000]).buffer)[0]!;
}
