import { describe, expect, it } from 'vitest';
import { SqlError, SqlState } from '../../base/index.ts';
import { type Batch, batchFromRows, rowsOf } from '../../batch/index.ts';
import type { Datum } from '../../types/index.ts';
import { RowErrors } from './row-errors.ts';

const error = new SqlError({ code: SqlState.divisionByZero, message: 'division by zero' });

function report(errors: RowErrors, row: string, weight: number): void {
  errors.add({ error, expression: 'a / b', row, weight });
}

/** Sum of what subtasks show, by row. */
function total(all: readonly RowErrors[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const errors of all) {
    for (const batch of errors.scan(0, { columns: [2] })) {
      rowsOf(batch).forEach(([row], index) => {
        sums[String(row)] = (sums[String(row)] ?? 0) + batch.weights![index]!;
      });
    }
  }
  return sums;
}

/** Applies a checkpoint's parts to what is stored, as a state store does. */
function store(stored: Map<string, readonly (Datum | null)[]>, { upserts, deletes }: { upserts: Batch; deletes: Batch }): void {
  const key = (row: readonly unknown[]): string => row.slice(0, 4).map(String).join('|');
  for (const row of rowsOf(deletes)) stored.delete(key(row));
  for (const row of rowsOf(upserts)) stored.set(key(row), row);
}

describe('RowErrors', () => {
  it('adds up over subtasks when a row is retracted elsewhere than it failed', () => {
    const [first, second] = [new RowErrors(0n), new RowErrors(1n)];
    report(first, '(1, 0)', 1);
    report(first, '(2, 0)', 1);
    report(second, '(1, 0)', -1);
    expect(total([first, second])).toEqual({ '(1, 0)': 0, '(2, 0)': 1 });
  });

  it('brings entries of one row together on restore, and stores nothing of a row that has gone', () => {
    const stored = new Map<string, readonly (Datum | null)[]>();
    const [first, second] = [new RowErrors(0n), new RowErrors(1n)];
    report(first, '(1, 0)', 1);
    report(first, '(2, 0)', 1);
    report(second, '(1, 0)', -1);
    store(stored, first.state.collectDirty(1));
    store(stored, second.state.collectDirty(1));
    expect(stored.size).toBe(3);
    const restored = new RowErrors(128n);
    restored.state.load(batchFromRows(restored.state.declaration.columns, [...stored.values()]));
    expect(total([restored])).toEqual({ '(2, 0)': 1 });
    store(stored, restored.state.collectDirty(2));
    expect([...stored.values()].map((row) => [row[2], row[3], row[4]])).toEqual([['(2, 0)', 128n, 1n]]);
  });
});
