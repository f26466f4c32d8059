import type { Expression } from '../../../expr/index.ts';
import { boolType } from '../../../types/index.ts';
import { type LogicalPlan, moveColumns, rowColumns } from '../../logical/index.ts';
import { allOf } from '../split-filter.ts';
import { outerKey } from './bind-outer.ts';
import { appendColumns, columnOf } from './columns.ts';
import { isNullable } from './nullability.ts';
import { outerValues } from './outer-values.ts';
import { type Dependence, tieConditions, type Unnested } from './unnested.ts';

/** An unnested plan ready to stand right in a left join, and what each of its columns is worth there. */
interface Padded {
  readonly plan: LogicalPlan;
  /** The column's value over the joined row: of the row that was met, or of the one that stands for none. */
  readonly value: (column: number) => Expression;
}

/** Prepares the first `width` columns for a left join that begins at `offset`; `overLeft` puts an expression over the outer row onto the joined row. */
export function padded(
  unnested: Unnested,
  width: number,
  place: { readonly offset: number; readonly overLeft: (expression: Expression) => Expression },
): Padded {
  const { plan, empty } = unnested;
  const { offset, overLeft } = place;
  const read = (column: number): Expression => columnOf(plan.fields, column, offset);
  if (empty === null) return { plan, value: read };
  const isNull = (column: number): boolean => isNullLiteral(empty[column]!);
  const needsMark = empty.slice(0, width).some((_, column) => !isNull(column) && isNullable(plan, column));
  const marked = needsMark ? withMark(plan) : { plan, mark: 0 };
  const unmatched: Expression = { kind: 'is-null', input: columnOf(marked.plan.fields, marked.mark, offset), negated: false, type: boolType };
  const value = (column: number): Expression => {
    const otherwise = overLeft(empty[column]!);
    if (isNull(column)) return read(column);
    const { type } = plan.fields[column]!;
    if (!isNullable(plan, column)) return { kind: 'coalesce', args: [read(column), otherwise], type };
    return { kind: 'case', branches: [{ condition: unmatched, result: otherwise }], otherwise: read(column), type };
  };
  return { plan: marked.plan, value };
}

function isNullLiteral(expression: Expression): boolean {
  return expression.kind === 'literal' && expression.value === null;
}

/** The plan with a column that is never NULL. */
export function withMark(plan: LogicalPlan): { plan: LogicalPlan; mark: number } {
  const mark: Expression = { kind: 'literal', type: boolType, value: true };
  const appended = appendColumns(plan, [mark], 'found');
  return { plan: appended.plan, mark: appended.positions[0]! };
}

/** The same with the rows that stand for none among the plan's, so that keys alone say what an outer row meets. */
export function complete(unnested: Unnested, dependence: Dependence): Unnested {
  const { empty } = unnested;
  if (empty === null) return unnested;
  const outerWidth = dependence.outer.fields.length;
  const ties = tieConditions(unnested, outerWidth);
  const columns = [...new Set([...ties.flatMap(rowColumns).filter((column) => column < outerWidth), ...empty.flatMap(rowColumns)])];
  const values = outerValues(dependence, columns);
  const offset = values.fields.length;
  const overLeft = (expression: Expression): Expression =>
    moveColumns(expression, (column) => (column < outerWidth ? columns.indexOf(column) : column - outerWidth + offset));
  const width = empty.length;
  const right = padded(unnested, width, { offset, overLeft });
  const joined: LogicalPlan = {
    kind: 'join',
    left: values,
    right: right.plan,
    joinType: 'left',
    condition: allOf(ties.map(overLeft)),
    lateral: false,
    fields: [...values.fields, ...right.plan.fields],
  };
  const plan: LogicalPlan = {
    kind: 'project',
    input: joined,
    expressions: [...empty.map((_, column) => right.value(column)), ...values.fields.map((_, column) => columnOf(values.fields, column))],
    fields: [...unnested.plan.fields.slice(0, width), ...values.fields],
  };
  return {
    plan,
    keys: columns.map((column, index) => outerKey(column, width + index, dependence)),
    conditions: [],
    empty: null,
    single: unnested.single,
  };
}
