import { SqlError, SqlState } from '../../base/index.ts';
import type { Expression } from '../../expr/index.ts';
import type { BoundInsert } from '../../plan/index.ts';
import type { Datum } from '../../types/index.ts';
import type { Row, TableChanges, WrittenTable } from '../engine/index.ts';
import type { CheckRow } from './row-rules.ts';

export interface ConflictContext {
  readonly table: WrittenTable;
  readonly conflict: NonNullable<BoundInsert['conflict']>;
  readonly checkRow: CheckRow;
  evaluate(expression: Expression, row: Row): Datum | null;
}

/**
 * ON CONFLICT DO NOTHING | DO UPDATE. Errors: 21000 when one command would update a row twice, 23505 for a key that is none of the arbiters, and what
 * the new row breaks.
 */
export function resolveConflicts(rows: readonly Row[], context: ConflictContext): Pick<TableChanges, 'removed' | 'added'> {
  const { table, conflict } = context;
  const own = new Set<Row>();
  const removed: Row[] = [];
  const put = (row: Row, replaced: readonly Row[]): void => {
    table.change(replaced, [row]);
    removed.push(...replaced);
    own.add(row);
  };
  for (const row of rows) {
    const holder = table.holder(row, conflict.arbiters);
    if (holder === null) {
      put(row, []);
      continue;
    }
    if (conflict.action === 'nothing') continue;
    if (own.has(holder)) {
      throw new SqlError({
        code: SqlState.cardinalityViolation,
        message: 'ON CONFLICT DO UPDATE command cannot affect row a second time',
        hint: 'Ensure that no rows proposed for insertion within the same command have duplicate constrained values.',
      });
    }
    const both = [...holder, ...row];
    if (conflict.where !== null && context.evaluate(conflict.where, both) !== true) continue;
    const updated = conflict.values.map((value) => context.evaluate(value, both));
    context.checkRow(updated);
    put(updated, [holder]);
  }
  return { removed, added: [...own] };
}
