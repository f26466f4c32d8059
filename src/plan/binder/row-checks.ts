import type { Relation } from '../../catalog/index.ts';
import type { Expression } from '../../expr/index.ts';
import type { BindState } from './bind-state.ts';
import { bindOverColumns } from './bind-statement.ts';

/** A CHECK over a row of the relation's columns. */
export interface BoundCheck {
  readonly name: string;
  readonly condition: Expression;
}

/** The checks rows of the relation have to pass, in order of their names, in which PostgreSQL tries them. */
export function rowChecks(relation: Relation, state: BindState): BoundCheck[] {
  const checks = (relation.constraints ?? []).flatMap((rule) => (rule.kind === 'check' ? [rule] : []));
  return checks
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .map(({ name, expression }) => ({ name, condition: bindOverColumns(expression, relation.columns, state, { clause: 'check constraints' }) }));
}
