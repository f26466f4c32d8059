import { SqlError, SqlState } from '../../base/index.ts';
import type { Relation } from '../../catalog/index.ts';
import { type Expression, mapExpression } from '../../expr/index.ts';
import { isVolatile } from '../optimizer/index.ts';
import type { BindState } from './bind-state.ts';
import { bindOverColumns } from './bind-statement.ts';
import { takesIdentity } from './identity-values.ts';

/** The expression of each computed column over a row of the relation's columns; null for the others. */
export function computedColumns(relation: Relation, state: BindState): (Expression | null)[] {
  return relation.columns.map((column) => {
    if (column.source.kind !== 'computed') return null;
    return bindOverColumns(column.source.expression, relation.columns, state, { clause: 'generated columns', type: column.type });
  });
}

/** The values of a row with its computed columns worked out from them. Errors: 0A000 where one reads a number that is just being taken from a counter. */
export function withComputed(values: readonly Expression[], relation: Relation, state: BindState): Expression[] {
  return computedColumns(relation, state).map((expression, index) => {
    if (expression === null) return values[index]!;
    return mapExpression(expression, (node) => {
      if (node.kind !== 'column') return node;
      const value = values[node.index]!;
      if (takesIdentity(value)) throw readsIdentity(relation, { computed: index, identity: node.index });
      if (isVolatile(value, state.context.functions.lookup)) throw readsVolatile(relation, { computed: index, assigned: node.index });
      return value;
    });
  });
}

/** The same of a value that is another each time. */
function readsVolatile({ columns }: Relation, { computed, assigned }: { readonly computed: number; readonly assigned: number }): SqlError {
  return new SqlError({
    code: SqlState.featureNotSupported,
    message: `a volatile value for column "${columns[assigned]!.name}" is not supported here: column "${columns[computed]!.name}" is computed from it`,
    hint: 'INSERT does it.',
  });
}

/** Once evaluated for each of the two, the counter would give them two numbers. */
function readsIdentity({ columns }: Relation, { computed, identity }: { readonly computed: number; readonly identity: number }): SqlError {
  return new SqlError({
    code: SqlState.featureNotSupported,
    message: `a new value for identity column "${columns[identity]!.name}" is not supported here: column "${columns[computed]!.name}" is computed from it`,
    hint: 'INSERT does it.',
  });
}
