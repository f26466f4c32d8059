import type { Expression } from '../../expr/index.ts';
import type { Span } from '../../sql/index.ts';
import { int8Type } from '../../types/index.ts';
import type { Field, LogicalPlan } from '../logical/index.ts';
import type { BindState } from './bind-state.ts';
import { resolveOperator } from './resolve-call.ts';
import { columnOf } from './row-scope.ts';

/**
 * Functions side by side, as ROWS FROM and a select list with several set-returning functions have them: row n of each in one row, NULLs where one
 * has ended before the others (PostgreSQL, "Table Functions"). Each input has its ordinality as last column; so has the result.
 */
export function inLockstep(functions: readonly LogicalPlan[], span: Span, state: BindState): LogicalPlan {
  return functions.reduce((left, right) => besideEachOther(left, right, span, state));
}

function besideEachOther(left: LogicalPlan, right: LogicalPlan, span: Span, state: BindState): LogicalPlan {
  const width = left.fields.length;
  const fields: Field[] = [...left.fields, ...right.fields];
  const column = (index: number): Expression => columnOf(index, fields[index]!);
  const ordinals = [column(width - 1), column(fields.length - 1)];
  const joined: LogicalPlan = {
    kind: 'join',
    left,
    right,
    joinType: 'full',
    condition: resolveOperator('=', ordinals, span, state),
    lateral: false,
    fields,
  };
  const values = fields.map((_, index) => index).filter((index) => index !== width - 1 && index !== fields.length - 1);
  return {
    kind: 'project',
    input: joined,
    expressions: [...values.map(column), { kind: 'coalesce', args: ordinals, type: int8Type, span }],
    fields: [...values.map((index) => fields[index]!), { name: 'ordinality', type: int8Type }],
  };
}

/** The result without its last column. */
export function withoutOrdinality(plan: LogicalPlan): LogicalPlan {
  const fields = plan.fields.slice(0, -1);
  return { kind: 'project', input: plan, expressions: fields.map((field, index) => columnOf(index, field)), fields };
}
