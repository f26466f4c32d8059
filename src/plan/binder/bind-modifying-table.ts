import { unreachable } from '../../base/index.ts';
import type { RowModification } from '../../sql/index.ts';
import type { LogicalPlan } from '../logical/index.ts';
import { bindMergeIn } from './bind-merge.ts';
import { bindDeleteIn, bindInsertIn, bindUpdateIn } from './bind-modification.ts';
import type { QueryEnvironment } from './bind-state.ts';
import type { BoundModification } from './modification-parts.ts';

/** A modification in WITH, for the types of what it returns: no row of it is there yet. Null: it returns nothing. */
export function bindModifyingTable(statement: RowModification, environment: QueryEnvironment): LogicalPlan | null {
  const { returning } = boundIn(statement, environment);
  return returning === null ? null : { kind: 'values', rows: [], fields: returning.fields };
}

function boundIn(statement: RowModification, environment: QueryEnvironment): BoundModification {
  switch (statement.kind) {
    case 'insert':
      return bindInsertIn(statement, environment);
    case 'update':
      return bindUpdateIn(statement, environment);
    case 'delete':
      return bindDeleteIn(statement, environment);
    case 'merge':
      return bindMergeIn(statement, environment);
    default:
      return unreachable(statement);
  }
}
