import { SqlError, SqlState } from '../../base/index.ts';
import type { BoundInsert } from '../../plan/index.ts';
import type { Row, TableChanges, WrittenTable } from '../engine/index.ts';
import type { EvaluatorOverRows } from './evaluator-over-rows.ts';
import type { CheckRow } from './row-rules.ts';

export interface ConflictContext {
  readonly table: WrittenTable;
  readonly arbiters: NonNullable<BoundInsert['conflict']>['arbiters'];
  readonly checkRow: CheckRow;
  /** Over a stored row and, behind it, the one that was to be inserted; null: all are updated. */
  readonly where: EvaluatorOverRows | null;
  /** The new row, over the same; null: DO NOTHING. */
  readonly values: EvaluatorOverRows | null;
}

/**
 * ON CONFLICT DO NOTHING | DO UPDATE. Errors: 21000 when one command would update a row twice, 23505 for a key that is none of the arbiters, and what
 * the new row breaks.
 */
export async function resolveConflicts(rows: readonly Row[], context: ConflictContext): Promise<Pick<TableChanges, 'removed' | 'added'>> {
  const { table, arbiters, where, values } = context;
  const own = new Set<Row>();
  const removed: Row[] = [];
  const put = (row: Row, replaced: readonly Row[]): void => {
    table.change(replaced, [row]);
    removed.push(...replaced);
    own.add(row);
  };
  for (const row of rows) {
    const holder = table.holder(row, arbiters);
    if (holder === null) {
      put(row, []);
      continue;
    }
    if (values === null) continue;
    if (own.has(holder)) {
      throw new SqlError({
        code: SqlState.cardinalityViolation,
        message: 'ON CONFLICT DO UPDATE command cannot affect row a second time',
        hint: 'Ensure that no rows proposed for insertion within the same command have duplicate constrained values.',
      });
    }
    const both = [...holder, ...row];
    if (where !== null && (await where([both]))[0]![0] !== true) continue;
    const updated = (await values([both]))[0]!;
    context.checkRow(updated);
    put(updated, [holder]);
  }
  return { removed, added: [...own] };
}
