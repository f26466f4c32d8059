import type { Relation } from '../../catalog/index.ts';
import { type Expression, visitExpression } from '../../expr/index.ts';
import { int4Type, int8Type, oidType } from '../../types/index.ts';
import type { QueryEnvironment } from './bind-state.ts';
import { coerce } from './coercion.ts';

const NEXT_VALUE = 'fsql_next_identity(oid, int4) -> int8';

/** OVERRIDING SYSTEM | USER VALUE; null when nothing was written. */
export type Overriding = 'system' | 'user' | null;

/** OVERRIDING USER VALUE: what is written for an identity column counts for nothing, not even for a value; SERIAL is a default and takes it. */
export function isOverridden(relation: Relation, index: number, overriding: Overriding): boolean {
  const { identity } = relation.columns[index]!;
  return overriding === 'user' && identity !== undefined && identity.kind !== 'serial';
}

/** The next value of the column's counter, in the column's type. */
export function nextIdentity(relation: Relation, index: number, environment: QueryEnvironment): Expression {
  const { type } = relation.columns[index]!;
  const call: Expression = {
    kind: 'call',
    signature: NEXT_VALUE,
    args: [
      { kind: 'literal', type: oidType, value: relation.oid },
      { kind: 'literal', type: int4Type, value: index + 1 },
    ],
    type: int8Type,
  };
  return coerce(call, type, 'assignment', environment.state)!;
}

/** The value takes a number from a counter: evaluated twice, it is another. */
export function takesIdentity(value: Expression): boolean {
  let found = false;
  visitExpression(value, (part) => {
    if (part.kind === 'call' && part.signature === NEXT_VALUE) found = true;
  });
  return found;
}
