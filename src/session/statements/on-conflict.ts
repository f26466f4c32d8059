import { SqlError, SqlState } from '../../base/index.ts';
import type { Relation } from '../../catalog/index.ts';
import type { Expression } from '../../expr/index.ts';
import type { BoundInsert } from '../../plan/index.ts';
import type { Datum } from '../../types/index.ts';
import { type Row, rowKey, type TableChanges } from '../engine/index.ts';

export interface ConflictContext {
  readonly relation: Relation;
  readonly conflict: NonNullable<BoundInsert['conflict']>;
  /** The row stored under the same key, own changes included. */
  stored(row: Row): Row | null;
  evaluate(expression: Expression, row: Row): Datum | null;
}

/** ON CONFLICT DO NOTHING | DO UPDATE. Errors: 21000 when one command would update a row twice. */
export function resolveConflicts(rows: readonly Row[], context: ConflictContext): Pick<TableChanges, 'removed' | 'added'> {
  const { relation, conflict } = context;
  const touched = new Set<string>();
  const removed: Row[] = [];
  const added: Row[] = [];
  for (const row of rows) {
    const key = rowKey(relation, row);
    const holder = context.stored(row);
    const twice = touched.has(key);
    if (holder === null && !twice) {
      touched.add(key);
      added.push(row);
      continue;
    }
    if (conflict.action === 'nothing') continue;
    if (twice) {
      throw new SqlError({
        code: SqlState.cardinalityViolation,
        message: 'ON CONFLICT DO UPDATE command cannot affect row a second time',
        hint: 'Ensure that no rows proposed for insertion within the same command have duplicate constrained values.',
      });
    }
    const both = [...holder!, ...row];
    if (conflict.where !== null && context.evaluate(conflict.where, both) !== true) continue;
    touched.add(key);
    removed.push(holder!);
    added.push(conflict.values.map((value) => context.evaluate(value, both)));
  }
  return { removed, added };
}
