import { SqlError, SqlState } from '../../base/index.ts';
import { isWritten, type Relation } from '../../catalog/index.ts';
import { foldIdentifier, type Identifier } from '../../sql/index.ts';
import { targetColumn } from './modification-target.ts';

/** Positions of the columns an INSERT names, or of all that can be written. Errors: 42703, 42701. */
export function insertTargets(columns: readonly Identifier[], relation: Relation): number[] {
  if (columns.length === 0) return relation.columns.flatMap((column, index) => (isWritten(column) ? [index] : []));
  const targets: number[] = [];
  for (const identifier of columns) {
    const index = targetColumn(identifier, relation);
    if (targets.includes(index)) {
      throw new SqlError({
        code: SqlState.duplicateColumn,
        message: `column "${foldIdentifier(identifier)}" specified more than once`,
        position: identifier.span.start,
      });
    }
    targets.push(index);
  }
  return targets;
}
