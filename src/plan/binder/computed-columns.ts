import type { Relation } from '../../catalog/index.ts';
import type { Expression } from '../../expr/index.ts';
import type { BindState } from './bind-state.ts';
import { bindOverColumns } from './bind-statement.ts';

/** The expression of each computed column over a row of the relation's columns; null for the others. */
export function computedColumns(relation: Relation, state: BindState): (Expression | null)[] {
  return relation.columns.map((column) => {
    if (column.source.kind !== 'computed') return null;
    return bindOverColumns(column.source.expression, relation.columns, state, { clause: 'generated columns', type: column.type });
  });
}
