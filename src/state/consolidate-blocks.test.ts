import { describe, expect, it } from 'vitest';
import { batchFromRows, decodeBatch, encodeBatch, rowsOf } from '../batch/index.ts';
import { consolidateBlocks } from './consolidate-blocks.ts';
import type { StateBlock } from './state-store.ts';

const TYPES = [{ kind: 'text' }, { kind: 'int8' }] as const;

function block(upserts: [string, bigint][], deletes: string[]): StateBlock {
  return {
    operatorId: 'o',
    table: 't',
    keyGroup: 3,
    upserts: encodeBatch(batchFromRows(TYPES, upserts)),
    deletes: encodeBatch(
      batchFromRows(
        [TYPES[0]],
        deletes.map((key) => [key]),
      ),
    ),
    upsertCount: upserts.length,
    deleteCount: deletes.length,
  };
}

describe('consolidateBlocks', () => {
  it('keeps the newest row of each key and drops what was deleted after it', () => {
    const merged = consolidateBlocks([
      block(
        [
          ['a', 1n],
          ['b', 1n],
          ['c', 1n],
        ],
        [],
      ),
      block(
        [
          ['b', 2n],
          ['d', 2n],
        ],
        ['a', 'd'],
      ),
      block([['a', 3n]], ['c']),
    ]);
    expect(
      rowsOf(decodeBatch(merged.upserts))
        .map((row) => row.join(' '))
        .sort(),
    ).toEqual(['a 3', 'b 2', 'd 2']);
    expect(merged.deleteCount).toBe(0);
  });
});
