import type { Expression } from '../../expr/index.ts';
import { boolType, type SqlType } from '../../types/index.ts';
import type { AggregateCall, AggregatePlan, LogicalPlan } from '../logical/index.ts';
import { columnOf } from './row-scope.ts';

const ANY_VALUE_SIGNATURE = 'any_value(any) -> any';

/**
 * A grouping whose keys are shown as one of the group's rows has them. '1 month', '30 days' and '720 hours' are one key, which operators keep as a
 * number of days; but added to a date, or asked for their months, they are three values, and a view must say what a query says. So the group has one
 * of those that are there: the first by encoding, as any_value has it. Other types have values that are equal and written differently too (1.0 and
 * 1.00), but none of these reckons differently.
 */
export function withWrittenKeys(plan: AggregatePlan): LogicalPlan {
  const written = plan.groupBy.flatMap((key, index) => (holdsInterval(key.type) ? [index] : []));
  if (written.length === 0) return plan;
  const width = plan.fields.length;
  const fields = [...plan.fields, ...written.map((index) => plan.fields[index]!)];
  const grouped: AggregatePlan = { ...plan, calls: [...plan.calls, ...written.map((index) => anyValue(plan.groupBy[index]!))], fields };
  const everywhere = plan.groupingSets.length === 1;
  const expressions = plan.fields.map((field, index): Expression => {
    const place = written.indexOf(index);
    if (place < 0) return columnOf(index, field);
    const value = columnOf(width + place, field);
    return everywhere ? value : unlessNull(columnOf(index, field), value);
  });
  return { kind: 'project', input: grouped, expressions, fields: plan.fields };
}

/** The different rows of a plan. */
export function distinctOf(input: LogicalPlan): LogicalPlan {
  const { fields } = input;
  if (!fields.some(({ type }) => holdsInterval(type))) return { kind: 'distinct', input, on: null, fields };
  const groupBy = fields.map((field, index) => columnOf(index, field));
  return withWrittenKeys({ kind: 'aggregate', input, groupBy, groupingSets: [groupBy.map((_, index) => index)], calls: [], wholeRows: true, fields });
}

function anyValue(key: Expression): AggregateCall {
  return { signature: ANY_VALUE_SIGNATURE, name: 'any_value', args: [key], distinct: false, filter: null, orderBy: [], type: key.type };
}

/** A key is NULL in the grouping sets that are without it, whatever the rows have. */
function unlessNull(key: Expression, value: Expression): Expression {
  const present: Expression = { kind: 'is-null', input: key, negated: true, type: boolType };
  return { kind: 'case', branches: [{ condition: present, result: value }], otherwise: null, type: value.type };
}

/** Whether equal values of the type may reckon differently. */
export function holdsInterval(type: SqlType): boolean {
  switch (type.kind) {
    case 'interval':
      return true;
    case 'array':
      return holdsInterval(type.element);
    case 'row':
      return type.fields.some((field) => holdsInterval(field.type));
    case 'map':
      return holdsInterval(type.key) || holdsInterval(type.value);
    default:
      return false;
  }
}
